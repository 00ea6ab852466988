# Does plan say beforehand how long a step takes? Its prediction against steps of fit, on one lane and on two.
import json
import os
import statistics
import subprocess

from cases import CASES
from contestants import Contestant, Failed
from turns import milliseconds, steps_that_take

LANES = (1, 2)


def predicted(build, model, batch_size, lanes):
    words = ['plan', model, '--batch-size', str(batch_size), '--lanes', str(lanes), '--json']
    printed = subprocess.run([os.path.join(build, 'batchwise'), *words], text=True, capture_output=True, check=True).stdout
    return json.loads(printed.splitlines()[0])['step_seconds']


def ask(build, inputs, names, options):
    if 'batchwise' not in names:
        return []
    answers = []
    for case in CASES.values():
        if options.cases and case.name not in options.cases:
            continue
        folder = os.path.join(inputs, case.name)
        for batch_size in case.batch_sizes:
            for lanes in LANES:
                print(f'plan_time: {case.title}, batch {batch_size}, {lanes} lanes', flush=True)
                contestant = Contestant('batchwise', build, case.name, folder, batch_size, os.path.join(build, 'bench-plan_time.log'),
                                        [os.path.join(build, 'bench_training_step'), case.name, folder, str(batch_size), f'lanes={lanes}'])
                try:
                    contestant.ask('train')
                    contestant.ask('steps', 1)
                    steps = steps_that_take(contestant, options.seconds)
                    told, taken = [], []
                    for _ in range(min(5, options.repetitions)):
                        told.append(predicted(build, os.path.join(folder, 'model.keras'), batch_size, lanes))
                        taken.append(contestant.ask('steps', steps)[0] / steps)
                    answers.append(dict(case=case.name, title=case.title, batch_size=batch_size, lanes=lanes,
                                        predicted=statistics.median(told), measured=statistics.median(taken),
                                        told=sorted(told), taken=sorted(taken)))
                except (Failed, subprocess.CalledProcessError) as fault:
                    print(f'  {fault}')
                contestant.close()
    return answers


def table(answers, names):
    """Markdown: a step's time as plan says it and as fit takes it."""
    lines = ['| step, ms: median (least–most) | lanes | predicted | measured | predicted ÷ measured |', '|---|---|---|---|---|']
    for answer in answers:
        told, taken = answer['told'], answer['taken']
        lines.append(f"| {answer['title']}, batch {answer['batch_size']} | {answer['lanes']} | "
                     f"{milliseconds(answer['predicted'])} ({milliseconds(told[0])}–{milliseconds(told[-1])}) | "
                     f"{milliseconds(answer['measured'])} ({milliseconds(taken[0])}–{milliseconds(taken[-1])}) | "
                     f"{answer['predicted'] / answer['measured']:.2f} |")
    return '\n'.join(lines)
