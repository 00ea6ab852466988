# How long from the start of the process to the end of the first training step?
import os
import statistics
import time

from cases import CASES
from contestants import Contestant, Failed, title


def once(name, case, batch_size, build, folder):
    start = time.perf_counter()
    contestant = Contestant(name, build, case.name, folder, batch_size, os.path.join(build, f'bench-start-{case.name}-{name}.log'))
    try:
        contestant.ask('train')
        return time.perf_counter() - start
    finally:
        contestant.close()


def ask(build, inputs, names, options):
    answers = []
    for case in (CASES['mlp'], CASES['cnn128']):
        batch_size = case.batch_sizes[0]
        print(f'start_up: {case.title}, batch {batch_size}', flush=True)
        results = {}
        for name in names:
            try:
                # The first start reads the programs from the disk; it is not counted.
                times = [once(name, case, batch_size, build, os.path.join(inputs, case.name)) for _ in range(options.starts + 1)][1:]
                results[name] = dict(median=statistics.median(times), least=min(times), most=max(times))
            except Failed as fault:
                print(f'  {fault}')
        answers.append(dict(case=case.name, title=case.title, batch_size=batch_size, results=results))
    return answers


def table(answers, names):
    shown = [name for name in names if any(name in answer['results'] for answer in answers)]
    lines = ['| from start to the end of the first step, s | ' + ' | '.join(map(title, shown)) + ' |', '|---|' + '---|' * len(shown)]
    for answer in answers:
        cells = [f"{answer['results'][name]['median']:.3g}" if name in answer['results'] else '—' for name in shown]
        lines.append(f"| {answer['title']}, batch {answer['batch_size']} | " + ' | '.join(cells) + ' |')
    return '\n'.join(lines)
