# How long from the start of the process to the end of the first training step?
import os
import time

from cases import CASES
from contestants import Contestant, title
from progress import say
from training_step.first_losses import start_agreeing
from turns import cell, each, in_table, shown, summary


def once(name, case, batch_size, build, folder):
    start = time.perf_counter()
    contestant = Contestant(name, build, case.name, folder, batch_size, os.path.join(build, f'bench-start_up-{case.name}-{name}.log'))
    try:
        contestant.ask('train')
        return time.perf_counter() - start
    finally:
        contestant.close()


class Ended:
    """Stands for a contestant between two starts."""

    def close(self):
        pass


def measure(case, batch_size, names, build, folder, options):
    # Whether they agree is asked of processes of their own: these begin with the step that is timed.
    agreeing, refused, compared = start_agreeing(case, folder, batch_size, names, build, 'start_up-losses')
    for contestant in agreeing.values():
        contestant.close()
    running, died, taken = {name: Ended() for name in agreeing}, {}, {}
    for count in range(options.starts + 1):
        say(f'  {case.name}, batch {batch_size}: start {count} of {options.starts}')
        for name, seconds in each(running, died, lambda name, _: once(name, case, batch_size, build, folder)).items():
            taken.setdefault(name, []).append(seconds)
    # The first start reads the programs from the disk; it is not counted.
    results = {name: summary(taken[name][1:]) for name in running}
    return dict(results=results, refused=refused, died=died, compared_with=compared)


def ask(build, inputs, names, options):
    for case in (CASES['mlp'],) if options.quick else (CASES['mlp'], CASES['cnn128']):
        if options.cases and case.name not in options.cases:
            continue
        batch_size = case.batch_sizes[0]
        say(f'start_up: {case.title}, batch {batch_size}')
        yield dict(case=case.name, title=case.title, batch_size=batch_size,
                   **measure(case, batch_size, names, build, os.path.join(inputs, case.name), options))


def repeated(options):
    return f'{options.starts} starts'


def seconds(found):
    return shown(found, '{:.3g}'.format)


def ratio(results):
    """The best peer against batchwise, of those that have a number."""
    best = min((found['median'] for name, found in results.items() if name != 'batchwise'), default=None)
    return f"{best / results['batchwise']['median']:.3g}×" if best and 'batchwise' in results else '—'


def table(answers, names):
    listed = in_table(names, answers)
    lines = ['| from start to the end of the first step, s: median (least–most) | ' + ' | '.join(map(title, listed))
             + ' | best peer ÷ batchwise |', '|---|' + '---|' * (len(listed) + 1)]
    for answer in answers:
        cells = [cell(answer, name, seconds) for name in listed]
        lines.append(f"| {answer['title']}, batch {answer['batch_size']} | " + ' | '.join(cells) + f" | {ratio(answer['results'])} |")
    return '\n'.join(lines)
