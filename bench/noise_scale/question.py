# What does measuring the noise scale cost? Steps with it and without, in turns, and their instructions.
import os

from broken import Broken
from cases import CASES
from contestants import Failed, start
from lanes.instructions import few_rows, of_a_step
from progress import say
from turns import all_turns, died, milliseconds, paired, shown_ratio, start_each, summary

ASKED = {'mlp': (32, 512), 'mnist_cnn': (128,), 'cnn128': (32,)}
COUNTED = {('mlp', 32): (1, 97)}  # steps between which instructions are counted: not every update is measured
WITHOUT = 'noise_scale=off'


def measure(build, case, folder, batch_size, options):
    words = dict(with_it=[], without=[WITHOUT])
    pair = start_each(words, lambda key: start(build, 'noise_scale', case, folder, batch_size, *words[key]))
    taken = all_turns(pair, options, f'{case.name}, batch {batch_size}, noise scale')
    answer = dict(case=case.name, title=case.title, batch_size=batch_size, step=summary(taken['with_it']),
                  ratio=paired(taken['with_it'], taken['without']))
    if (case.name, batch_size) in COUNTED and not options.quick:
        try:
            answer['instructions'] = instructions(build, os.path.dirname(folder), case, batch_size)
        except Broken as fault:  # the times stand without them
            say(f'  {fault}')
    return answer


def instructions(build, inputs, case, batch_size):
    """Those of a step with the noise scale, to those of one without."""
    few, steps = few_rows(build, inputs, case.name), COUNTED[case.name, batch_size]
    counts = [sum(of_a_step(build, case.name, few, batch_size, 'lanes=1', *words, steps=steps)) for words in ([], [WITHOUT])]
    return counts[0] / counts[1]


def ask(build, inputs, names, options):
    if 'batchwise' not in names:
        return
    for name, batch_sizes in ASKED.items():
        if options.cases and name not in options.cases:
            continue
        for batch_size in batch_sizes:
            say(f'noise_scale: {CASES[name].title}, batch {batch_size}')
            try:
                yield measure(build, CASES[name], os.path.join(inputs, name), batch_size, options)
            except Failed as fault:
                yield dict(case=name, title=CASES[name].title, batch_size=batch_size, **died(fault))


def table(answers, names):
    """Markdown: what a step takes with the noise scale, against without."""
    lines = ['| step with the noise scale | ms | time with ÷ without: median (least–most) | instructions with ÷ without |',
             '|---|---|---|---|']
    for answer in answers:
        if 'died' in answer:
            lines.append(f"| {answer['title']}, batch {answer['batch_size']} | died: {answer['died']['batchwise']} | | |")
            continue
        counted = f"{answer['instructions']:.3f}" if 'instructions' in answer else ''
        lines.append(f"| {answer['title']}, batch {answer['batch_size']} | {milliseconds(answer['step']['median'])} | "
                     f"{shown_ratio(answer['ratio'])} | {counted} |")
    return '\n'.join(lines)
