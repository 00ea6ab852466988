# How long does a prediction take, from one sample at a time to thousands? A model that stays ready, in every contestant.
import os
import statistics

from cases import CASES
from contestants import Contestant, Failed, command, title
from training_step.question import milliseconds, steps_that_take

BATCH_SIZES = {'mlp': (1, 16, 256, 4096), 'mobilenetv2': (1, 4, 16, 64, 256), 'resnet50': (1, 4, 16, 64)}
COMPARED = 10       # outputs of the first sample
TOLERANCE = 1e-4    # of the largest of them


def far_apart(outputs, reference):
    scale = max(abs(value) for value in reference)
    return any(abs(mine - theirs) > TOLERANCE * scale for mine, theirs in zip(outputs, reference))


def measure(case, batch_size, names, build, folder, options):
    running, refused, reference = [], {}, None
    for name in names:
        contestant = Contestant(name, build, case.name, folder, batch_size, os.path.join(build, f'bench-inference-{case.name}-{name}.log'),
                                command('inference', name, build, [case.name, folder, str(batch_size)]))
        try:
            outputs = contestant.ask('outputs', min(COMPARED, case.classes))
            reference = reference or outputs
            if far_apart(outputs, reference):
                raise Failed(f'{title(name)} does not agree: {outputs}, not {reference}')
            running.append(contestant)
        except Failed as fault:
            print(f'  {fault}')
            refused[name] = str(fault)
            contestant.close()
    steps = {contestant.name: steps_that_take(contestant, options.seconds) for contestant in running}
    times = {contestant.name: [] for contestant in running}
    for _ in range(options.repetitions):
        for contestant in running:
            count = steps[contestant.name]
            times[contestant.name].append(contestant.ask('steps', count)[0] / count)
    results = {}
    for contestant in running:
        mine = sorted(times[contestant.name])
        results[contestant.name] = dict(median=statistics.median(mine), least=mine[0], most=mine[-1], repetitions=len(mine),
                                        peak=contestant.close())
    return dict(results=results, refused=refused)


def ask(build, inputs, names, options):
    # Keras first: the outputs of the others are compared with its.
    names = sorted(names, key=lambda name: not name.startswith('keras'))
    answers = []
    for name, batch_sizes in BATCH_SIZES.items():
        if options.cases and name not in options.cases:
            continue
        case = CASES[name]
        for batch_size in batch_sizes:
            print(f'inference: {case.title}, {batch_size} at a time', flush=True)
            found = measure(case, batch_size, names, build, os.path.join(inputs, name), options)
            answers.append(dict(case=name, title=case.title.split(',')[0], batch_size=batch_size,
                                floor=case.forward_flops * batch_size / options.flops_per_second, **found))
    return answers


def table(answers, names):
    """Markdown: medians with their range, the floor, and the ratio to the fastest peer."""
    shown = [name for name in names if any(name in answer['results'] for answer in answers)]
    lines = ['| prediction, ms: median (least–most) | ' + ' | '.join(map(title, shown)) + ' | floor | best peer ÷ batchwise |',
             '|---|' + '---|' * (len(shown) + 2)]
    for answer in answers:
        found = answer['results']
        cells = [f"{milliseconds(found[name]['median'])} ({milliseconds(found[name]['least'])}–{milliseconds(found[name]['most'])})"
                 if name in found else '—' for name in shown]
        best = min((found[name]['median'] for name in found if name != 'batchwise'), default=None)
        ratio = f"{best / found['batchwise']['median']:.2f}×" if best and 'batchwise' in found else '—'
        lines.append(f"| {answer['title']}, {answer['batch_size']} at a time | " + ' | '.join(cells)
                     + f" | {milliseconds(answer['floor'])} | {ratio} |")
    return '\n'.join(lines)
