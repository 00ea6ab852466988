# What is left of a contestant's speed when another program computes on one of its cores?
import os
import subprocess
import sys

from cases import CASES
from contestants import title
from progress import say
from training_step.first_losses import ready, start_agreeing
from turns import cell, each, in_table, paired, seconds_of, shown, steps_that_take, summary


RECOVERY = 1.5  # seconds of steps before one that counts: who changed its ways beside a neighbour has changed them back


def take_core(core):
    """A program that computes without pause on one core; the scheduler shares that core between it and the contestant."""
    spin = f'import os; os.sched_setaffinity(0, [{core}]); print(flush=True)\nwhile True: pass'
    spinner = subprocess.Popen([sys.executable, '-c', spin], stdout=subprocess.PIPE)
    spinner.stdout.readline()
    return spinner


def crowded(contestant, steps, core):
    spinner = take_core(core)
    try:
        return seconds_of(contestant, steps) / steps
    finally:
        spinner.kill()
        spinner.wait()
        spinner.stdout.close()


def measure(case, batch_size, names, build, folder, options):
    """Turns of each contestant, alone and then crowded: what disturbs the machine for a while disturbs both."""
    running, refused, compared = start_agreeing(case, folder, batch_size, names, build, 'contention')
    ready(running, refused, case, batch_size)
    died, alone, shared, core = {}, {}, {}, min(os.sched_getaffinity(0))
    steps = each(running, died, lambda name, contestant: steps_that_take(contestant, options.seconds))

    def turn(name, contestant):
        seconds_of(contestant, max(1, round(steps[name] * RECOVERY / options.seconds)))
        free = seconds_of(contestant, steps[name]) / steps[name]
        return free, crowded(contestant, steps[name], core)

    for count in range(options.repetitions):
        say(f'  {case.name}, batch {batch_size}: turn {count + 1} of {options.repetitions}')
        for name, (free, full) in each(running, died, turn).items():
            alone.setdefault(name, []).append(free)
            shared.setdefault(name, []).append(full)
    results = {}
    for name, contestant in running.items():
        contestant.close()
        results[name] = dict(paired(alone[name], shared[name]), alone=summary(alone[name]), crowded=summary(shared[name]))
    return dict(results=results, refused=refused, died=died, compared_with=compared)


def ask(build, inputs, names, options):
    cores = len(os.sched_getaffinity(0))
    if cores < 2:
        return
    for case in (CASES['mlp'],) if options.quick else (CASES['mlp'], CASES['cnn128']):
        if options.cases and case.name not in options.cases:
            continue
        batch_size = case.batch_sizes[0]
        say(f'contention: {case.title}, batch {batch_size}')
        yield dict(case=case.name, title=case.title, batch_size=batch_size, cores=cores,
                   **measure(case, batch_size, names, build, os.path.join(inputs, case.name), options))


def left(found):
    return shown(found, lambda ratio: f'{ratio:.2f}')


def table(answers, names):
    listed = in_table(names, answers)
    lines = ['| speed left with one core shared: median (least–most) | ' + ' | '.join(map(title, listed)) + ' | cores × time left |',
             '|---|' + '---|' * (len(listed) + 1)]
    for answer in answers:
        cells = [cell(answer, name, left) for name in listed]
        lines.append(f"| {answer['title']}, batch {answer['batch_size']} | " + ' | '.join(cells)
                     + f" | {(answer['cores'] - 0.5) / answer['cores']:.2f} |")
    return '\n'.join(lines)
