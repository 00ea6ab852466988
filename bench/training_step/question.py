# How long does a training step take? Contestants take turns on the same network, weights and data.
import os

from cases import CASES
from contestants import Contestant, Failed, title
from turns import milliseconds, shown, summary, take_turns

FIRST_TOLERANCE = 1e-5      # of the loss before any update: the networks are the same


def far_apart(losses, reference, tolerance, first):
    """The first step at which two runs differ by more than they may, or None."""
    for step, (mine, theirs) in enumerate(zip(losses, reference)):
        if abs(mine - theirs) > (first if step == 0 else tolerance) * max(1.0, abs(theirs)):
            return step
    return None


def start_all(case, folder, batch_size, names, build, first):
    """Contestants that agree on the first losses and stand after their first timed step."""
    running, refused, reference = [], {}, None
    for name in names:
        contestant = Contestant(name, build, case.name, folder, batch_size,
                                os.path.join(build, f'bench-{case.name}-{batch_size}-{name}.log'))
        try:
            losses = contestant.ask('losses', case.checked_steps)
            # Keras speaks for all: its weights are what everybody started from.
            reference = reference or losses
            step = far_apart(losses, reference, max(case.tolerance, first), first)
            if step is not None:
                raise Failed(f'{title(name)} does not agree: loss {losses[step]} after step {step + 1}, not {reference[step]}')
            contestant.ask('train')
            running.append(contestant)
        except Failed as fault:
            print(f'  {fault}')
            refused[name] = str(fault)
            contestant.close()
    return running, refused


def measure(case, batch_size, names, build, folder, repetitions, seconds, first=FIRST_TOLERANCE):
    running, refused = start_all(case, folder, batch_size, names, build, first)
    for contestant in running:
        contestant.ask('steps', 1)
    taken = take_turns({contestant.name: contestant for contestant in running}, repetitions, seconds)
    for contestant in running:
        contestant.close()
    results = {name: summary(turns) for name, turns in taken.items()}
    return dict(results=results, refused=refused)


def ask(build, inputs, names, options):
    # Keras first: the losses of the others are compared with its.
    names = sorted(names, key=lambda name: not name.startswith('keras'))
    answers = []
    for case in CASES.values():
        if options.cases and case.name not in options.cases:
            continue
        for batch_size in case.batch_sizes:
            print(f'training_step: {case.title}, batch {batch_size}', flush=True)
            found = measure(case, batch_size, names, build, os.path.join(inputs, case.name), options.repetitions, options.seconds)
            answers.append(dict(case=case.name, title=case.title, batch_size=batch_size,
                                floor=case.floor_seconds(batch_size, options.flops_per_second), **found))
    return answers


def table(answers, names):
    """Markdown: medians with their range, the floor, and the ratio to the fastest peer."""
    listed = [name for name in names if any(name in answer['results'] for answer in answers)]
    peers = [name for name in listed if name != 'batchwise']
    lines = ['| step, ms: median (least–most) | ' + ' | '.join(map(title, listed)) + ' | floor | best peer ÷ batchwise |',
             '|---|' + '---|' * (len(listed) + 2)]
    for answer in answers:
        cells = [shown(answer['results'].get(name)) for name in listed]
        best = min((answer['results'][name]['median'] for name in peers if name in answer['results']), default=None)
        own = answer['results'].get('batchwise')
        ratio = f"{best / own['median']:.2f}×" if best and own else '—'
        lines.append(f"| {answer['title']}, batch {answer['batch_size']} | " + ' | '.join(cells)
                     + f" | {milliseconds(answer['floor'])} | {ratio} |")
    return '\n'.join(lines)
