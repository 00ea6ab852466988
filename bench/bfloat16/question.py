# How much faster is a training step in mixed_bfloat16? Against float32 of the same contestant, and PyTorch's autocast.
import os

from cases import CASES
from contestants import BFLOAT16, title
from progress import say
from training_step.question import measure
from turns import cell

TOLERANCE = 2e-2            # of the first losses: operands are rounded to 8 bits
PAIRS = [('batchwise', 'batchwise-bfloat16'), ('pytorch-eager', 'pytorch-eager-bfloat16'),
         ('pytorch-compile', 'pytorch-compile-bfloat16')]


def ask(build, inputs, names, options):
    asked = [name for pair in PAIRS if pair[0] in names for name in pair]
    for case in CASES.values():
        if options.cases and case.name not in options.cases:
            continue
        for batch_size in case.batch_sizes:
            say(f'bfloat16: {case.title}, batch {batch_size}')
            found = measure(case, batch_size, asked, build, os.path.join(inputs, case.name), options.repetitions,
                            options.seconds, TOLERANCE)
            yield dict(case=case.name, title=case.title, batch_size=batch_size, **found)


def table(answers, names):
    """Markdown: medians with their range, and what bfloat16 gains over float32 and over the fastest peer."""
    listed = [name for pair in PAIRS for name in pair if any(name in answer['results'] for answer in answers)]
    lines = ['| step, ms: median (least–most) | ' + ' | '.join(map(title, listed)) +
             ' | batchwise: float32 ÷ bfloat16 | best peer in bfloat16 ÷ batchwise |', '|---|' + '---|' * (len(listed) + 2)]
    for answer in answers:
        results = answer['results']
        own, fast = results.get('batchwise'), results.get('batchwise-bfloat16')
        peer = min((results[name]['median'] for name in BFLOAT16 if name in results and not name.startswith('batchwise')),
                   default=None)
        gain = f"{own['median'] / fast['median']:.2f}×" if own and fast else '—'
        lead = f"{peer / fast['median']:.2f}×" if peer and fast else '—'
        lines.append(f"| {answer['title']}, batch {answer['batch_size']} | " + ' | '.join(cell(answer, name) for name in listed)
                     + f' | {gain} | {lead} |')
    return '\n'.join(lines)
