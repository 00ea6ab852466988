# Does cost grow as the work does? Time per sample over batch sizes and over stored samples, and the time to plan.
import os

from cases import CASES
from contestants import Contestant, Failed, start
from lanes.instructions import few_rows
from progress import say
from turns import all_turns, died, milliseconds, start_each, summary

BATCH_SIZES = (256, 1024, 4096, 8192)
SAMPLES = (1000, 10000, 60000)
SAMPLES_BATCH = 100  # divides all of them: every step is a whole one
PLANNED = ('mlp', 'cnn128', 'resnet50')
PLANNED_SIZES = (32, 256, 8192)
CASES_ASKED = ('mlp', 'mnist_cnn', 'cnn128')


def per_sample(build, case, folder, keys, options):
    """Seconds a sample, of each (batch size, rows)."""
    running = start_each(keys, lambda key: start(build, 'proportion', case, folder, key[0], rows=key[1]))
    taken = all_turns(running, options, case.name)
    return [dict(batch_size=batch_size, rows=rows, **summary([step / batch_size for step in steps])) for (batch_size, rows), steps in taken.items()]


def plan_seconds(build, model, batch_size):
    program = Contestant('batchwise', build, model, model, batch_size, os.path.join(build, 'bench-proportion-plan.log'),
                         [os.path.join(build, 'bench_proportion'), model, str(batch_size)])
    try:
        return program.ask('plan', 5)
    finally:
        program.close()


def ask(build, inputs, names, options):
    if 'batchwise' not in names:
        return
    few = {name: few_rows(build, inputs, name) for name in CASES_ASKED}
    for name in CASES_ASKED:
        if options.cases and name not in options.cases:
            continue
        case = CASES[name]
        for what, keys in (('batch size', [(size, 4 * size) for size in BATCH_SIZES]), ('samples', [(SAMPLES_BATCH, rows) for rows in SAMPLES])):
            say(f'proportion: {case.title} over {what}')
            try:
                yield dict(case=name, title=case.title, over=what, points=per_sample(build, case, few[name], keys, options))
            except Failed as fault:
                yield dict(case=name, title=case.title, over=what, points=[], **died(fault))
    for name in PLANNED:
        model = os.path.join(inputs, name, 'model.keras')
        if options.cases and name not in options.cases or not os.path.exists(model):
            continue
        say(f'proportion: planning {CASES[name].title}')
        try:
            yield dict(case=name, title=CASES[name].title, over='planning',
                       points=[dict(batch_size=size, **summary(plan_seconds(build, model, size))) for size in PLANNED_SIZES])
        except Failed as fault:
            yield dict(case=name, title=CASES[name].title, over='planning', points=[], **died(fault))


def row(answer):
    return answer['case'], answer['over']


def table(answers, names):
    """Markdown: microseconds a sample beside each other, and milliseconds to plan."""
    lines = ['| | µs a sample, at | largest ÷ smallest |', '|---|---|---|']
    for answer in answers:
        if answer['over'] == 'planning':
            continue
        if 'died' in answer:
            lines.append(f"| {answer['title']}, over {answer['over']} | died: {answer['died']['batchwise']} | |")
            continue
        key = 'batch_size' if answer['over'] == 'batch size' else 'rows'
        seconds = [point['median'] for point in answer['points']]
        shown = ', '.join(f"{point[key]:,}: {point['median'] * 1e6:.3g}" for point in answer['points'])
        lines.append(f"| {answer['title']}, over {answer['over']} | {shown} | {max(seconds) / min(seconds):.2f} |")
    lines += ['', '| planning, ms, at batch size | ' + ' | '.join(map(str, PLANNED_SIZES)) + ' |', '|---|' + '---|' * len(PLANNED_SIZES)]
    for answer in answers:
        if answer['over'] == 'planning':
            lines.append(f"| {answer['title']} | " + ' | '.join(milliseconds(point['median']) for point in answer['points']) + ' |'
                         if 'died' not in answer else f"| {answer['title']} | died: {answer['died']['batchwise']} |")
    return '\n'.join(lines)
