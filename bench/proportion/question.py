# Does cost grow as the work does? Time per sample over batch sizes and over stored samples, and the time to plan.
import os

from cases import CASES
from contestants import Contestant, Failed, start
from progress import say
from turns import all_turns, died, shown, start_each, summary

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
    return [dict(batch_size=batch_size, rows=rows, **summary([step / batch_size for step in steps]))
            for (batch_size, rows), steps in taken.items()]


def asked_of(build, case, folder, over, keys, options):
    answer = dict(case=case.name, title=case.title, over=over, stored=case.rows)
    say(f'proportion: {case.title} over {over}')
    try:
        return dict(answer, points=per_sample(build, case, folder, keys, options))
    except Failed as fault:
        return dict(answer, points=[], **died(fault))


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
    for name in CASES_ASKED:
        if not options.cases or name in options.cases:
            case, folder = CASES[name], os.path.join(inputs, name)
            yield asked_of(build, case, folder, 'batch size', [(size, 4 * size) for size in BATCH_SIZES], options)
            yield asked_of(build, case, folder, 'samples', [(SAMPLES_BATCH, rows) for rows in SAMPLES], options)
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


def microseconds(found):
    return shown(found, lambda seconds: f'{seconds * 1e6:.3g}')


def name_of(answer):
    """The row's name, which says where samples are fewer stored ones that come again and again."""
    most = max((point['rows'] for point in answer['points']), default=0)
    again = f" ({answer['stored']:,} of them stored)" if most > answer['stored'] else ''
    return f"{answer['title']}, over {answer['over']}{again}"


def table(answers, names):
    """Markdown: microseconds a sample beside each other, and milliseconds to plan."""
    lines = ['| | µs a sample, median (least–most), at | largest median ÷ smallest |', '|---|---|---|']
    for answer in answers:
        if answer['over'] == 'planning':
            continue
        if 'died' in answer:
            lines.append(f"| {answer['title']}, over {answer['over']} | died: {answer['died']['batchwise']} | |")
            continue
        key = 'batch_size' if answer['over'] == 'batch size' else 'rows'
        medians = [point['median'] for point in answer['points']]
        points = ', '.join(f'{point[key]:,}: {microseconds(point)}' for point in answer['points'])
        lines.append(f'| {name_of(answer)} | {points} | {max(medians) / min(medians):.2f} |')
    lines += ['', '| planning, ms: median (least–most), at batch size | ' + ' | '.join(map(str, PLANNED_SIZES)) + ' |',
              '|---|' + '---|' * len(PLANNED_SIZES)]
    for answer in answers:
        if answer['over'] == 'planning':
            cells = map(shown, answer['points']) if 'died' not in answer else [f"died: {answer['died']['batchwise']}"]
            lines.append(f"| {answer['title']} | " + ' | '.join(cells) + ' |')
    return '\n'.join(lines)
