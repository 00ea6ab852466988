# What does little memory cost in time? Steps of networks with exact batch statistics in budgets from roomy to the smallest.
import json
import os
import statistics
import subprocess

from contestants import Failed
from progress import say
from turns import shown, summary

NETWORKS = {'resnet50': 16, 'mobilenetv2': 32, 'efficientnetb0': 32}
SHARES = (1, 0.8, 2 / 3, 0.6, 0.5, 0.4, 1 / 3, 0.25)  # of the peak where nothing is computed again
DRIFT = 2**21  # bytes: one process that plans differs from the next
MOST_WORK = 3  # times a step's own: what computes more again takes minutes, and nobody would want it
MONET = {2 / 3: 1.032, 1 / 3: 1.12}  # published: ResNet-50, whole training memory against PyTorch's


def plan(build, network, batch_size, memory, *more):
    words = [os.path.join(build, 'batchwise'), 'plan', network, '--batch-size', str(batch_size), '--memory', str(memory), '--json', *more]
    done = subprocess.run(words, text=True, capture_output=True)
    if not done.stdout:
        raise Failed(f'plan ended with {done.returncode}')
    return json.loads(done.stdout.splitlines()[0])


def ask(build, inputs, names, options):
    if 'batchwise' not in names:
        return
    for network, batch_size in NETWORKS.items():
        roomy = plan(build, network, batch_size, '64G', '--no-timing')
        budgets = sorted({max(int(share * roomy['peak_bytes']), roomy['smallest_budget']) + DRIFT for share in SHARES}, reverse=True)
        budgets = [budget for budget in budgets
                   if plan(build, network, batch_size, budget, '--no-timing')['recompute_share'] <= MOST_WORK]
        taken = {budget: [] for budget in budgets}
        for turn in range(min(3, options.repetitions)):
            for budget in budgets:
                say(f'time_over_memory: {network}, batch {batch_size}, {budget / 2**20:.0f} MiB, turn {turn + 1}')
                taken[budget].append(plan(build, network, batch_size, budget))
        rows = []
        for budget in budgets:
            told = taken[budget][0]
            rows.append(dict(budget=budget, peak=told['peak_bytes'], share=told['peak_bytes'] / roomy['peak_bytes'],
                             more_work=told['recompute_share'], lanes=told['lanes'],
                             seconds=sorted(step['step_seconds'] for step in taken[budget])))
        yield dict(network=network, batch_size=batch_size, budgets=rows)


def row(answer):
    return answer['network'], answer['batch_size']


def table(answers, names):
    """Markdown: memory and time as shares of those where nothing is computed again."""
    lines = ['| network | peak | of roomy | lanes | more work, planned | step, s: median (least–most) | time against roomy |',
             '|---|---|---|---|---|---|---|']
    for answer in answers:
        roomy = statistics.median(answer['budgets'][0]['seconds'])
        for budget in answer['budgets']:
            taken = summary(budget['seconds'])
            lines.append(f"| {answer['network']}, batch {answer['batch_size']} | {budget['peak'] / 2**20:,.0f} MiB | {budget['share']:.0%} | "
                         f"{budget['lanes']} | {budget['more_work']:.0%} | {shown(taken, '{:.2f}'.format)} | {taken['median'] / roomy:.2f} |")
    published = ', '.join(f'{time:.3f} at {share:.0%}' for share, time in MONET.items())
    return '\n'.join(lines) + f'\n\nPublished for ResNet-50 elsewhere (MONeT, against PyTorch on a GPU): time {published} of the memory.'
