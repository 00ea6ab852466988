# How long does a training step take, and at which peak of memory? Contestants take turns on the same network, weights and data.
import os

from cases import CASES
from contestants import title
from picture import beside_own
from progress import say
from training_step.first_losses import FIRST_TOLERANCE, ready, start_agreeing
from turns import best_ratio, cell, in_table, milliseconds, peaks_table, summary, take_turns, to_own


def measure(case, batch_size, names, build, folder, repetitions, seconds, first=FIRST_TOLERANCE, memory=''):
    running, refused, compared = start_agreeing(case, folder, batch_size, names, build, first=first, memory=memory)
    ready(running, refused, case, batch_size)
    taken, died = take_turns(running, repetitions, seconds, f'{case.name}, batch {batch_size}')
    results = {name: dict(summary(taken[name]), peak=contestant.close()) for name, contestant in running.items()}
    return dict(results=results, ratios=to_own(taken), refused=refused, died=died, compared_with=compared)


def ask(build, inputs, names, options):
    for case in CASES.values():
        if options.cases and case.name not in options.cases:
            continue
        asked = [(batch_size, '') for batch_size in (case.batch_sizes[:1] if options.quick else case.batch_sizes)]
        for batch_size, memory in asked + [(case.batch_sizes[-1], case.little_memory)] * bool(case.little_memory):
            title = case.title + (f', batchwise in {memory}' if memory else '')
            say(f'training_step: {title}, batch {batch_size}')
            found = measure(case, batch_size, names, build, os.path.join(inputs, case.name), options.repetitions, options.seconds, memory=memory)
            yield dict(case=case.name, title=title, batch_size=batch_size, memory=memory,
                       floor=case.floor_seconds(batch_size, options.flops_per_second), **found)


def label(answer):
    return f"{answer['title']}, batch {answer['batch_size']}"


def row(answer):
    return answer['case'], answer['batch_size'], answer.get('memory', '')


def table(answers, names):
    """Markdown: medians with their range, the floor, and the ratio to the fastest peer; then the peaks of the processes."""
    listed = in_table(names, answers)
    lines = ['| step, ms: median (least–most) | ' + ' | '.join(map(title, listed)) + ' | floor | best peer ÷ batchwise |',
             '|---|' + '---|' * (len(listed) + 2)]
    for answer in answers:
        cells = [cell(answer, name) for name in listed]
        lines.append(f'| {label(answer)} | ' + ' | '.join(cells)
                     + f" | {milliseconds(answer['floor'])} | {best_ratio(answer)} |")
    return '\n'.join(lines + peaks_table(answers, listed, label))


def picture(answers, titles):
    return beside_own(answers, titles, 'A training step, two cores', lambda answer: label(answer).replace(', Adam', '').replace(', SGD', ''))
