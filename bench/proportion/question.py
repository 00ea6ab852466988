# Does cost grow as the work does? Time per sample over batch sizes and over stored samples, and the time to plan.
import os

from cases import CASES
from contestants import Contestant, Failed
from lanes.instructions import few_rows
from turns import milliseconds, summary, take_turns

BATCH_SIZES = (256, 1024, 4096, 8192)
SAMPLES = (1000, 10000, 60000)
SAMPLES_BATCH = 100  # divides all of them: every step is a whole one
PLANNED = ('mlp', 'cnn128', 'resnet50')
PLANNED_SIZES = (32, 256, 8192)
CASES_ASKED = ('mlp', 'mnist_cnn', 'cnn128')


def start(build, case, folder, batch_size, rows):
    contestant = Contestant('batchwise', build, case.name, folder, batch_size, os.path.join(build, f'bench-proportion-{batch_size}-{rows}.log'))
    contestant.ask('train', rows)
    contestant.ask('steps', 1)
    return contestant


def per_sample(running, options):
    """Seconds a sample, of each (batch size, rows)."""
    taken = take_turns(running, options.repetitions, options.seconds)
    for contestant in running.values():
        contestant.close()
    return [dict(batch_size=batch_size, rows=rows, **summary([step / batch_size for step in steps])) for (batch_size, rows), steps in taken.items()]


def plan_seconds(build, model, batch_size):
    program = Contestant('batchwise', build, model, model, batch_size, os.path.join(build, 'bench-proportion-plan.log'),
                         [os.path.join(build, 'bench_proportion'), model, str(batch_size)])
    seconds = program.ask('plan', 5)
    program.close()
    return seconds


def ask(build, inputs, names, options):
    if 'batchwise' not in names:
        return []
    few = {name: few_rows(build, inputs, name) for name in CASES_ASKED}
    answers = []
    for name in CASES_ASKED:
        if options.cases and name not in options.cases:
            continue
        case = CASES[name]
        for what, keys in (('batch size', [(size, 4 * size) for size in BATCH_SIZES]), ('samples', [(SAMPLES_BATCH, rows) for rows in SAMPLES])):
            print(f'proportion: {case.title} over {what}', flush=True)
            try:
                answers.append(dict(case=name, title=case.title, over=what,
                                    points=per_sample({key: start(build, case, few[name], *key) for key in keys}, options)))
            except Failed as fault:
                print(f'  {fault}')
    for name in PLANNED:
        model = os.path.join(inputs, name, 'model.keras')
        if options.cases and name not in options.cases or not os.path.exists(model):
            continue
        print(f'proportion: planning {CASES[name].title}', flush=True)
        answers.append(dict(case=name, title=CASES[name].title, over='planning',
                            points=[dict(batch_size=size, **summary(plan_seconds(build, model, size))) for size in PLANNED_SIZES]))
    return answers


def table(answers, names):
    """Markdown: microseconds a sample beside each other, and milliseconds to plan."""
    lines = ['| | µs a sample, at | largest ÷ smallest |', '|---|---|---|']
    for answer in answers:
        if answer['over'] == 'planning':
            continue
        key = 'batch_size' if answer['over'] == 'batch size' else 'rows'
        seconds = [point['median'] for point in answer['points']]
        shown = ', '.join(f"{point[key]:,}: {point['median'] * 1e6:.3g}" for point in answer['points'])
        lines.append(f"| {answer['title']}, over {answer['over']} | {shown} | {max(seconds) / min(seconds):.2f} |")
    lines += ['', '| planning, ms, at batch size | ' + ' | '.join(map(str, PLANNED_SIZES)) + ' |', '|---|' + '---|' * len(PLANNED_SIZES)]
    for answer in answers:
        if answer['over'] == 'planning':
            lines.append(f"| {answer['title']} | " + ' | '.join(milliseconds(point['median']) for point in answer['points']) + ' |')
    return '\n'.join(lines)
