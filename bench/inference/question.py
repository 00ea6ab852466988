# How long does a prediction take, from one sample at a time to thousands? A model that stays ready, in every contestant.
import os

from cases import CASES
from contestants import Contestant, Failed, command, title
from turns import milliseconds, shown, summary, take_turns

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
    taken = take_turns({contestant.name: contestant for contestant in running}, options.repetitions, options.seconds)
    results = {contestant.name: dict(summary(taken[contestant.name]), peak=contestant.close()) for contestant in running}
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
    listed = [name for name in names if any(name in answer['results'] for answer in answers)]
    lines = ['| prediction, ms: median (least–most) | ' + ' | '.join(map(title, listed)) + ' | floor | best peer ÷ batchwise |',
             '|---|' + '---|' * (len(listed) + 2)]
    for answer in answers:
        found = answer['results']
        cells = [shown(found.get(name)) for name in listed]
        best = min((found[name]['median'] for name in found if name != 'batchwise'), default=None)
        ratio = f"{best / found['batchwise']['median']:.2f}×" if best and 'batchwise' in found else '—'
        lines.append(f"| {answer['title']}, {answer['batch_size']} at a time | " + ' | '.join(cells)
                     + f" | {milliseconds(answer['floor'])} | {ratio} |")
    return '\n'.join(lines)
