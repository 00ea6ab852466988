# What does measuring the noise scale cost? Steps with it and without, in turns, and their instructions.
import os

from cases import CASES
from contestants import Contestant, Failed
from lanes.instructions import few_rows, of_a_step
from turns import milliseconds, paired, shown_ratio, summary, take_turns

ASKED = {'mlp': (32, 512), 'mnist_cnn': (128,), 'cnn128': (32,)}
COUNTED = ('mlp', 'mnist_cnn')
WITHOUT = 'noise_scale=off'


def start(build, case, folder, batch_size, *words):
    contestant = Contestant('batchwise', build, case.name, folder, batch_size, os.path.join(build, 'bench-noise_scale.log'),
                            [os.path.join(build, 'bench_training_step'), case.name, folder, str(batch_size), *words])
    contestant.ask('train')
    contestant.ask('steps', 1)
    return contestant


def measure(build, case, folder, batch_size, options):
    pair = dict(with_it=start(build, case, folder, batch_size), without=start(build, case, folder, batch_size, WITHOUT))
    taken = take_turns(pair, options.repetitions, options.seconds)
    for contestant in pair.values():
        contestant.close()
    answer = dict(case=case.name, title=case.title, batch_size=batch_size, step=summary(taken['with_it']),
                  ratio=paired(taken['with_it'], taken['without']))
    if case.name in COUNTED:
        few = few_rows(build, os.path.dirname(folder), case.name)
        counts = [sum(of_a_step(build, case.name, few, batch_size, 'lanes=1', *words)) for words in ([], [WITHOUT])]
        answer['instructions'] = counts[0] / counts[1]
    return answer


def ask(build, inputs, names, options):
    if 'batchwise' not in names:
        return []
    answers = []
    for name, batch_sizes in ASKED.items():
        if options.cases and name not in options.cases:
            continue
        for batch_size in batch_sizes:
            print(f'noise_scale: {CASES[name].title}, batch {batch_size}', flush=True)
            try:
                answers.append(measure(build, CASES[name], os.path.join(inputs, name), batch_size, options))
            except Failed as fault:
                print(f'  {fault}')
    return answers


def table(answers, names):
    """Markdown: what a step takes with the noise scale, against without."""
    lines = ['| step with the noise scale | ms | time with ÷ without: median (least–most) | instructions with ÷ without |', '|---|---|---|---|']
    for answer in answers:
        counted = f"{answer['instructions']:.3f}" if 'instructions' in answer else ''
        lines.append(f"| {answer['title']}, batch {answer['batch_size']} | {milliseconds(answer['step']['median'])} | {shown_ratio(answer['ratio'])} | {counted} |")
    return '\n'.join(lines)
