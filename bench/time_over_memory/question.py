# What does little memory cost in time? Steps of networks with exact batch statistics in budgets from roomy to the smallest.
import json
import os
import statistics
import subprocess

NETWORKS = {'resnet50': 16, 'mobilenetv2': 32, 'efficientnetb0': 32}
SHARES = (1, 0.8, 2 / 3, 0.6, 0.5, 0.4, 1 / 3, 0.25)  # of the peak where nothing is computed again
DRIFT = 2**21  # bytes: one process that plans differs from the next
MOST_WORK = 3  # times a step's own: what computes more again takes minutes, and nobody would want it
MONET = {2 / 3: 1.032, 1 / 3: 1.12}  # published: ResNet-50, whole training memory against PyTorch's


def plan(build, network, batch_size, memory, *more):
    words = [os.path.join(build, 'batchwise'), 'plan', network, '--batch-size', str(batch_size), '--memory', str(memory), '--json', *more]
    done = subprocess.run(words, text=True, capture_output=True)
    return json.loads(done.stdout.splitlines()[0])


def ask(build, inputs, names, options):
    if 'batchwise' not in names:
        return []
    answers = []
    for network, batch_size in NETWORKS.items():
        roomy = plan(build, network, batch_size, '64G', '--no-timing')
        budgets = sorted({max(int(share * roomy['peak_bytes']), roomy['smallest_budget']) + DRIFT for share in SHARES}, reverse=True)
        budgets = [budget for budget in budgets
                   if plan(build, network, batch_size, budget, '--no-timing')['recompute_share'] <= MOST_WORK]
        taken = {budget: [] for budget in budgets}
        for turn in range(min(3, options.repetitions)):
            for budget in budgets:
                print(f'time_over_memory: {network}, batch {batch_size}, {budget / 2**20:.0f} MiB, turn {turn + 1}', flush=True)
                taken[budget].append(plan(build, network, batch_size, budget))
        for budget in budgets:
            told = taken[budget][0]
            answers.append(dict(network=network, batch_size=batch_size, budget=budget, peak=told['peak_bytes'],
                                share=told['peak_bytes'] / roomy['peak_bytes'], more_work=told['recompute_share'], lanes=told['lanes'],
                                seconds=sorted(step['step_seconds'] for step in taken[budget])))
    return answers


def table(answers, names):
    """Markdown: memory and time as shares of those where nothing is computed again."""
    lines = ['| network | peak | of roomy | lanes | more work, planned | step, s: median (least–most) | time against roomy |',
             '|---|---|---|---|---|---|---|']
    for answer in answers:
        roomy = next(other for other in answers if other['network'] == answer['network'])
        seconds = answer['seconds']
        ratio = statistics.median(seconds) / statistics.median(roomy['seconds'])
        lines.append(f"| {answer['network']}, batch {answer['batch_size']} | {answer['peak'] / 2**20:,.0f} MiB | {answer['share']:.0%} | "
                     f"{answer['lanes']} | {answer['more_work']:.0%} | {statistics.median(seconds):.2f} ({seconds[0]:.2f}–{seconds[-1]:.2f}) | "
                     f'{ratio:.2f} |')
    published = ', '.join(f'{time:.3f} at {share:.0%}' for share, time in MONET.items())
    return '\n'.join(lines) + f'\n\nPublished for ResNet-50 elsewhere (MONeT, against PyTorch on a GPU): time {published} of the memory.'
