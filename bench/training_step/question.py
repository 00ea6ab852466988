# How long does a training step take? Contestants take turns on the same network, weights and data.
import os

from cases import CASES
from contestants import title
from progress import say
from training_step.first_losses import FIRST_TOLERANCE, ready, start_agreeing
from turns import cell, in_table, milliseconds, summary, take_turns


def measure(case, batch_size, names, build, folder, repetitions, seconds, first=FIRST_TOLERANCE):
    running, refused, compared = start_agreeing(case, folder, batch_size, names, build, first=first)
    ready(running, refused, case, batch_size)
    taken, died = take_turns(running, repetitions, seconds, f'{case.name}, batch {batch_size}')
    for contestant in running.values():
        contestant.close()
    results = {name: summary(turns) for name, turns in taken.items()}
    return dict(results=results, refused=refused, died=died, compared_with=compared)


def ask(build, inputs, names, options):
    for case in CASES.values():
        if options.cases and case.name not in options.cases:
            continue
        for batch_size in case.batch_sizes:
            say(f'training_step: {case.title}, batch {batch_size}')
            found = measure(case, batch_size, names, build, os.path.join(inputs, case.name), options.repetitions, options.seconds)
            yield dict(case=case.name, title=case.title, batch_size=batch_size,
                       floor=case.floor_seconds(batch_size, options.flops_per_second), **found)


def table(answers, names):
    """Markdown: medians with their range, the floor, and the ratio to the fastest peer."""
    listed = in_table(names, answers)
    peers = [name for name in listed if name != 'batchwise']
    lines = ['| step, ms: median (least–most) | ' + ' | '.join(map(title, listed)) + ' | floor | best peer ÷ batchwise |',
             '|---|' + '---|' * (len(listed) + 2)]
    for answer in answers:
        cells = [cell(answer, name) for name in listed]
        best = min((answer['results'][name]['median'] for name in peers if name in answer['results']), default=None)
        own = answer['results'].get('batchwise')
        ratio = f"{best / own['median']:.2f}×" if best and own else '—'
        lines.append(f"| {answer['title']}, batch {answer['batch_size']} | " + ' | '.join(cells)
                     + f" | {milliseconds(answer['floor'])} | {ratio} |")
    return '\n'.join(lines)
