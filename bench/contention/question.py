# What is left of a contestant's speed when another program computes on one of its cores?
import os
import statistics
import subprocess
import sys

from cases import CASES
from contestants import Contestant, Failed, title
from turns import steps_that_take


def take_core(core):
    """A program that computes without pause on one core; the scheduler shares that core between it and the contestant."""
    spin = f'import os; os.sched_setaffinity(0, [{core}])\nwhile True: pass'
    return subprocess.Popen([sys.executable, '-c', spin])


def seconds_per_step(contestant, steps, repetitions):
    return statistics.median(contestant.ask('steps', steps)[0] / steps for _ in range(repetitions))


def ask(build, inputs, names, options):
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        return []
    answers = []
    for case in (CASES['mlp'], CASES['cnn128']):
        batch_size = case.batch_sizes[0]
        print(f'contention: {case.title}, batch {batch_size}', flush=True)
        results = {}
        for name in names:
            contestant = Contestant(name, build, case.name, os.path.join(inputs, case.name), batch_size,
                                    os.path.join(build, f'bench-contention-{case.name}-{name}.log'))
            try:
                contestant.ask('train')
                steps = steps_that_take(contestant, options.seconds)
                alone = seconds_per_step(contestant, steps, options.repetitions)
                spinner = take_core(cores[0])
                try:
                    crowded = seconds_per_step(contestant, steps, options.repetitions)
                finally:
                    spinner.kill()
                    spinner.wait()
                results[name] = dict(alone=alone, crowded=crowded, left=alone / crowded)
            except Failed as fault:
                print(f'  {fault}')
            contestant.close()
        answers.append(dict(case=case.name, title=case.title, batch_size=batch_size, cores=len(cores), results=results))
    return answers


def table(answers, names):
    shown = [name for name in names if any(name in answer['results'] for answer in answers)]
    lines = ['| speed left with one core shared | ' + ' | '.join(map(title, shown)) + ' | cores × time left |',
             '|---|' + '---|' * (len(shown) + 1)]
    for answer in answers:
        cells = [f"{answer['results'][name]['left']:.2f}" if name in answer['results'] else '—' for name in shown]
        lines.append(f"| {answer['title']}, batch {answer['batch_size']} | " + ' | '.join(cells)
                     + f" | {(answer['cores'] - 0.5) / answer['cores']:.2f} |")
    return '\n'.join(lines)
