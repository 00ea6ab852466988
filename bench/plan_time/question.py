# Does plan say beforehand how long a step takes? Its prediction against steps of fit, on one lane and on two.
import json
import os
import subprocess

from cases import CASES
from contestants import LIMIT, Failed, start
from progress import say
from turns import died, seconds_of, shown, steps_that_take, summary

LANES = (1, 2)
MOST_TURNS = 5


def predicted(build, model, batch_size, lanes):
    words = ['plan', model, '--batch-size', str(batch_size), '--lanes', str(lanes), '--json']
    try:
        done = subprocess.run([os.path.join(build, 'batchwise'), *words], text=True, capture_output=True, timeout=LIMIT)
    except subprocess.TimeoutExpired:
        raise Failed(f'plan gave no answer in {LIMIT / 60:g} minutes') from None
    if done.returncode:
        raise Failed(': '.join([f'plan ended with {done.returncode}', *done.stderr.splitlines()[-1:]]))
    return json.loads(done.stdout.splitlines()[0])['step_seconds']


def measure(build, case, folder, batch_size, lanes, options):
    contestant = start(build, 'plan_time', case, folder, batch_size, f'lanes={lanes}')
    told, taken = [], []
    try:
        steps = steps_that_take(contestant, options.seconds)
        for _ in range(min(MOST_TURNS, options.repetitions)):
            told.append(predicted(build, os.path.join(folder, 'model.keras'), batch_size, lanes))
            taken.append(seconds_of(contestant, steps) / steps)
    finally:
        contestant.close()
    return dict(told=sorted(told), taken=sorted(taken))


def ask(build, inputs, names, options):
    if 'batchwise' not in names:
        return
    for case in CASES.values():
        if options.cases and case.name not in options.cases:
            continue
        for batch_size in case.batch_sizes:
            for lanes in LANES:
                say(f'plan_time: {case.title}, batch {batch_size}, {lanes} lanes')
                try:
                    found = measure(build, case, os.path.join(inputs, case.name), batch_size, lanes, options)
                except Failed as fault:
                    found = died(fault)
                yield dict(case=case.name, title=case.title, batch_size=batch_size, lanes=lanes, **found)


def row(answer):
    return answer['case'], answer['batch_size'], answer['lanes']


def repeated(options):
    return f'{min(MOST_TURNS, options.repetitions)} turns of {options.seconds:g} s'


def table(answers, names):
    """Markdown: a step's time as plan says it and as fit takes it."""
    lines = ['| step, ms: median (least–most) | lanes | predicted | measured | predicted ÷ measured |', '|---|---|---|---|---|']
    for answer in answers:
        cells = [f"died: {answer['died']['batchwise']}" if 'died' in answer else '—', '', '']
        if 'told' in answer:
            told, taken = summary(answer['told']), summary(answer['taken'])
            cells = [shown(told), shown(taken), f"{told['median'] / taken['median']:.2f}"]
        lines.append(f"| {answer['title']}, batch {answer['batch_size']} | {answer['lanes']} | " + ' | '.join(cells) + ' |')
    return '\n'.join(lines)
