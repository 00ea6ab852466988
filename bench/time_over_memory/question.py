# What does little memory cost in time? Steps of networks with exact batch statistics, in turns, in budgets from roomy to the smallest.
import json
import os
import statistics
import subprocess

import inputs as case_inputs
from cases import CASES, OWN
from contestants import Failed, start
from picture import OTHERS, Even, line_chart
from progress import say
from turns import died, shown, start_each, summary, take_turns

NETWORKS = {'resnet50': 16, 'mobilenetv2': 32, 'efficientnetb0': 32}
SHARES = (1, 0.8, 2 / 3, 0.6, 0.55, 0.5, 0.45, 0.4, 1 / 3, 0.25)  # of the peak where nothing is computed again
DRIFT = 2**21  # bytes: one process that plans differs from the next
MOST_WORK = 3  # times a step's own: what computes more again takes minutes, and nobody would want it
TURNS = 3
MONET = {2 / 3: 1.032, 1 / 3: 1.12}  # published: ResNet-50, whole training memory against PyTorch's


def plan(build, model, batch_size, memory):
    words = [os.path.join(build, 'batchwise'), 'plan', model, '--batch-size', str(batch_size), '--memory', str(memory), '--json', '--no-timing']
    done = subprocess.run(words, text=True, capture_output=True)
    if done.returncode or not done.stdout:
        raise Failed(f'plan ended with {done.returncode}: {done.stderr.strip()}')
    return json.loads(done.stdout.splitlines()[0])


def budgets_of(build, model, batch_size):
    """What the plan says of each budget that is measured, the roomy one first; and of the smallest, measured or not."""
    roomy = plan(build, model, batch_size, '64G')
    budgets = sorted({max(int(share * roomy['peak_bytes']), roomy['smallest_budget']) + DRIFT for share in SHARES}, reverse=True)
    told = {budget: plan(build, model, batch_size, budget) for budget in budgets}
    smallest = plan(build, model, batch_size, roomy['smallest_budget'] + DRIFT)
    return {budget: said for budget, said in told.items() if said['recompute_share'] <= MOST_WORK}, smallest


def timed(build, network, batch_size, folder, options):
    case = (CASES | OWN)[network]
    told, smallest = budgets_of(build, os.path.join(folder, 'model.keras'), batch_size)
    running = start_each(told, lambda budget: start(build, 'time_over_memory', case, folder, batch_size, str(budget)))
    try:
        taken, faults = take_turns(running, min(TURNS, options.repetitions), options.seconds, f'{network}, batch {batch_size}')
    finally:
        peaks = {budget: process.close() for budget, process in running.items()}
    roomy = next(iter(told.values()))['peak_bytes']
    rows = [dict(budget=budget, peak=told[budget]['peak_bytes'], measured_peak=peaks[budget], share=told[budget]['peak_bytes'] / roomy,
                 more_work=told[budget]['recompute_share'], lanes=told[budget]['lanes'], seconds=taken[budget]) for budget in taken]
    return dict(network=network, batch_size=batch_size, budgets=rows, died={str(budget): fault for budget, fault in faults.items()},
                smallest=dict(peak=smallest['peak_bytes'], share=smallest['peak_bytes'] / roomy, more_work=smallest['recompute_share']))


def ask(build, inputs, names, options):
    if 'batchwise' not in names:
        return
    for network, batch_size in NETWORKS.items():
        if options.cases and network not in options.cases:
            continue
        case_inputs.write_in(build, [(network, 0, os.path.join(inputs, network))])
        try:
            yield timed(build, network, batch_size, os.path.join(inputs, network), options)
        except Failed as fault:
            yield dict(network=network, batch_size=batch_size, budgets=[], **died(fault))


def repeated(options):
    return f'{min(TURNS, options.repetitions)} turns of {options.seconds:g} s'


def row(answer):
    return answer['network'], answer['batch_size']


def table(answers, names):
    """Markdown: memory and time as shares of those where nothing is computed again."""
    lines = ['| network | planned peak | of roomy | lanes | more work, planned | step, s: median (least–most) | time against roomy |',
             '|---|---|---|---|---|---|---|']
    for answer in answers:
        name = f"{answer['network']}, batch {answer['batch_size']}"
        for told in answer.get('died', {}).values():
            lines.append(f'| {name} | died: {told} | | | | | |')
        for budget in answer['budgets']:
            taken, roomy = summary(budget['seconds']), statistics.median(answer['budgets'][0]['seconds'])
            lines.append(f"| {name} | {budget['peak'] / 2**20:,.0f} MiB | {budget['share']:.0%} | "
                         f"{budget['lanes']} | {budget['more_work']:.0%} | {shown(taken, '{:.2f}'.format)} | {taken['median'] / roomy:.2f} |")
        least = answer.get('smallest')
        if least and least['more_work'] > MOST_WORK:
            lines.append(f"| {name}, the smallest | {least['peak'] / 2**20:,.0f} MiB | {least['share']:.0%} | | {least['more_work']:.0%} | not measured | |")
    published = ', '.join(f'{time:.3f} at {share:.0%}' for share, time in MONET.items())
    return '\n'.join(lines) + f'\n\nPublished for ResNet-50 elsewhere (MONeT, against PyTorch on a GPU): time {published} of the memory.'


def picture(answers, titles):
    series = []
    for answer, colour in zip(answers, OTHERS):
        if answer['budgets']:
            roomy = statistics.median(answer['budgets'][0]['seconds'])
            series.append((answer['network'], colour, [(each['share'], statistics.median(each['seconds']) / roomy) for each in answer['budgets']]))
    if not series:
        return None
    series.append(('MONeT, published*', OTHERS[-1], [(1, 1), *MONET.items()]))
    return line_chart('Time of a step over the memory it has', series, 'memory, of that in which nothing is computed again', '{:.0%}'.format, '{:g}'.format,
                      axes=(Even(0, 1, 0.1), Even(0.75, 3, 0.25)))
