# How long does a prediction take, from one sample at a time to thousands? A model that stays ready, in every contestant.
import os

from agreement import far_apart, keras_first
from cases import CASES
from contestants import Contestant, Failed, command, title
from picture import beside_own
from progress import say
from turns import best_ratio, cell, in_table, milliseconds, peaks_table, summary, take_turns, to_own

BATCH_SIZES = {'mlp': (1, 4, 16, 64, 256, 1024, 4096), 'mobilenetv2': (1, 4, 16, 64, 256), 'resnet50': (1, 4, 16, 64)}
TOLERANCE = 1e-4    # of every output of every sample, as a part of the largest


def start_agreeing(case, batch_size, names, build, folder):
    """{name: contestant} of those that predict the same; why the others do not; and whom they were compared with."""
    running, refused, reference, compared = {}, {}, None, None
    for name in keras_first(names):
        say(f'  {case.name}, {batch_size} at a time: {title(name)} starts')
        contestant = Contestant(name, build, case.name, folder, batch_size,
                                os.path.join(build, f'bench-inference-{case.name}-{batch_size}-{name}.log'),
                                command('inference', name, build, [case.name, folder, str(batch_size)]))
        try:
            count = batch_size * case.classes
            outputs = contestant.ask('outputs', count)
            limit = TOLERANCE * max(map(abs, reference)) if reference else 0
            fault = far_apart(outputs, count, reference, lambda i, limit=limit: limit)
            if fault:
                raise Failed('outputs: ' + fault)
            if not reference:
                reference, compared = outputs, name
            running[name] = contestant
        except Failed as fault:
            say(f'  {title(name)}: {fault}')
            refused[name] = str(fault)
            contestant.close()
    return running, refused, compared


def measure(case, batch_size, names, build, folder, options):
    running, refused, compared = start_agreeing(case, batch_size, names, build, folder)
    taken, died = take_turns(running, options.repetitions, options.seconds, f'{case.name}, {batch_size} at a time')
    results = {name: dict(summary(taken[name]), peak=contestant.close()) for name, contestant in running.items()}
    return dict(results=results, ratios=to_own(taken), refused=refused, died=died, compared_with=compared)


def ask(build, inputs, names, options):
    for name, batch_sizes in BATCH_SIZES.items():
        if options.cases and name not in options.cases:
            continue
        case = CASES[name]
        for batch_size in batch_sizes[::3] if options.quick else batch_sizes:
            say(f'inference: {case.title}, {batch_size} at a time')
            found = measure(case, batch_size, names, build, os.path.join(inputs, name), options)
            yield dict(case=name, title=case.title.split(',')[0], batch_size=batch_size,
                       floor=case.forward_flops * batch_size / options.flops_per_second, **found)


def label(answer):
    return f"{answer['title']}, {answer['batch_size']} at a time"


def table(answers, names):
    """Markdown: medians with their range, the floor, and the ratio to the fastest peer; then the peaks of the processes."""
    listed = in_table(names, answers)
    lines = ['| prediction, ms: median (least–most) | ' + ' | '.join(map(title, listed)) + ' | floor | best peer ÷ batchwise |',
             '|---|' + '---|' * (len(listed) + 2)]
    for answer in answers:
        cells = [cell(answer, name) for name in listed]
        lines.append(f'| {label(answer)} | ' + ' | '.join(cells)
                     + f" | {milliseconds(answer['floor'])} | {best_ratio(answer)} |")
    return '\n'.join(lines + peaks_table(answers, listed, label))


def picture(answers, titles):
    return beside_own(answers, titles, 'A prediction, two cores', label)
