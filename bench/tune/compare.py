#!/usr/bin/env python3
# Does tune choose well? Its choice against an exhaustive sweep of the same task: time to the same target, and what each cost.
import argparse
import json
import math
import os
import shutil
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

import machine  # noqa: E402
import programs  # noqa: E402
import whole_files  # noqa: E402
from broken import Broken  # noqa: E402

RATES = '0.0003,0.001,0.003,0.01'  # of the first batch size; the others follow the rule of the optimizer
SPLIT = 0.2  # of the data to validate on
SHARE = 0.18  # of the sweep's seconds that tune may take
MORE_SEEDS = 4  # than the sweep's, for the choices trained again: single runs to one target differ by half

# Model, data, epochs of a run, batch sizes, and what else the command says.
TASKS = {
    'mnist': ('mlp', 'mnist', 10, '32,128,512,2048', []),
    'fashion-mnist': ('cnn', 'fashion-mnist', 2, '32,128,512', []),
    'photos': ('cnn', 'photos', 10, '16,64,256', ['--color-mode', 'grayscale']),
    'text': ('lstm', 'licences.npz', 10, '32,128,512', []),
    'regression': ('regression.keras', 'friedman.npz', 20, '32,128,512,2048', []),
    'transformer': ('transformer', 'packages.npz', 6, '32,128,512', []),
}


class Task:
    """One task and its commands; `program` runs in the folder of the data."""

    def __init__(self, name, program, folder):
        self.name, self.program, self.folder = name, program, folder
        self.model, self.data, self.epochs, self.sizes, self.more = TASKS[name]

    def run(self, command, out, *words, again=False):
        """What a command finds, the seconds it took, and the command; `again`: what it found before, where that is there."""
        told = os.path.join(self.folder, out + '.told.json')
        if again and os.path.exists(told):
            with open(told) as file:
                return json.load(file)
        shutil.rmtree(os.path.join(self.folder, out), ignore_errors=True)
        words = [command, self.model, self.data, *words, '--optimizer' if command == 'tune' else '--optimizers', 'adam',
                 '--validation-split', str(SPLIT), *self.more, '--out', out]
        start = time.monotonic()
        done = subprocess.run([self.program, *words], text=True, capture_output=True, cwd=self.folder)
        if done.returncode:
            raise SystemExit(f'{" ".join(words)}\n{done.stderr}')
        with open(os.path.join(self.folder, out, command + '.json')) as file:
            record = json.load(file)
        found = record, time.monotonic() - start, 'batchwise ' + ' '.join(words)
        with open(told, 'w') as file:
            json.dump(found, file)
        return found

    def sweep(self, out, sizes, rates, seeds, epochs, target=None, again=False):
        reach = ['--reach', f'{target["metric"]}={target["value"]!r}'] if target else []
        return self.run('sweep', out, '--batch-sizes', sizes, '--learning-rates', rates, '--seeds', str(seeds), '--epochs',
                        str(epochs), *reach, again=again)


def seconds_of(row):
    return row.get('seconds_to_target', {}).get('mean')


def told_apart(target, whole):
    """The sweep's target, less what the holdout does not tell apart: at the very ceiling of a metric, luck decides who gets there."""
    value = target['value']
    if 'accuracy' not in target['metric']:
        return dict(target, value=1.02 * value)
    held = whole['cells'][0]['epochs'][0]['samples'] * SPLIT / (1 - SPLIT)
    return dict(target, value=value - math.sqrt(value * (1 - value) / held))


def seconds_to(target, cell):
    """When a cell got there, on a straight line between the ends of two epochs; None: never."""
    sign = 1 if 'accuracy' in target['metric'] else -1
    before = None
    for epoch in cell['epochs']:
        now = epoch['logs'][target['metric']]
        if sign * (now - target['value']) >= 0:
            if before is None:
                return epoch['seconds']
            part = (target['value'] - before[1]) / (now - before[1])
            return before[0] + part * (epoch['seconds'] - before[0])
        before = epoch['seconds'], now
    return None


def fastest_rows(whole, target):
    """(batch size, learning rate, mean seconds) of the pairs that got there with every seed, the fastest first."""
    pairs = {}
    for cell in whole['cells']:
        pairs.setdefault((cell['batch_size'], cell['learning_rate']), []).append(seconds_to(target, cell) if cell['epochs'] else None)
    return sorted(((*pair, sum(found) / len(found)) for pair, found in pairs.items() if None not in found), key=lambda row: row[2])


def trained_again(task, which, pair, target, seeds):
    """How long a pair takes to the target: with more seeds than the sweep's, and so many epochs that one with less luck gets there too."""
    size, rate = pair
    found, _, command = task.sweep(f'{task.name}-{which}', str(size), repr(rate), seeds + MORE_SEEDS, 2 * task.epochs, target)
    row = found['summary']['rows'][0]
    return dict(batch_size=size, learning_rate=rate, seconds=seconds_of(row), samples=row.get('samples_to_target', {}).get('mean'),
                reached=row['reached'], seeds=seeds + MORE_SEEDS, command=command)


def compare(task, options, measured):
    whole, cost, swept = task.sweep(task.name + '-sweep', task.sizes, RATES, options.seeds, task.epochs, again=options.again)
    target = told_apart(whole['summary']['target'], whole)
    rows = fastest_rows(whole, target)
    choices = []
    for seed in range(options.tunes):
        reach = f'{target["metric"]}={target["value"]!r}'
        found, seconds, command = task.run('tune', f'{task.name}-tune-{seed}', '--batch-sizes', task.sizes,
                                           '--time', f'{SHARE * cost:.1f}s', '--reach', reach, '--seed', str(seed))
        advice = found['recommendation']
        choices.append(dict(tune=command, tune_seconds=seconds, cost=seconds / cost, reasons=advice.get('reasons'), sure=advice.get('sure'),
                            pair=(advice['batch_size'], advice['learning_rate'])))
    # The sweep's best and the choices once more, one after the other, so that all are timed in the same minutes.
    best = trained_again(task, 'best', rows[0][:2], target, options.seeds)
    for choice in choices:
        choice.update(trained_again(task, 'chosen', choice.pop('pair'), target, options.seeds))
        known = choice['reached'] == choice['seeds'] and best['reached'] == best['seeds']
        choice['ratio'] = choice['seconds'] / best['seconds'] if known else None
    return dict(task=task.name, measured=dict(measured, date=time.strftime('%Y-%m-%d %H:%M')), sweep=swept, target=target,
                cells=len(whole['cells']), sweep_seconds=cost, runner_up=rows[:4], best=best, chosen=choices)


TABLE_HEAD = ['| task | sweep: best | tune: chosen, one run for each seed | time to target ÷ that of the best | median | cost of tune |',
              '|---|---|---|---|---|---|']


def pair_of(choice):
    return f'{choice["batch_size"]} at {choice["learning_rate"]:.2g}'


def ratio_of(choice):
    return f'{choice["ratio"]:.2f}' if choice['ratio'] else f'{choice["reached"]} of {choice["seeds"]} got there'


def row_of(result):
    chosen = result['chosen']
    middle = statistics.median(choice['ratio'] or math.inf for choice in chosen)
    cells = [result['task'], pair_of(result['best']), ', '.join(map(pair_of, chosen)), ', '.join(map(ratio_of, chosen)), f'{middle:.2f}',
             f'{max(choice["cost"] for choice in chosen):.0%} of the sweep']
    return f'| {" | ".join(cells)} |'


def table(results):
    return '\n'.join([*TABLE_HEAD, *map(row_of, results)]) + '\n'


def results_of(path):
    """{task: what was found before}."""
    if not os.path.exists(path):
        return {}
    fits = lambda found: isinstance(found, list) and all(isinstance(each, dict) and 'task' in each for each in found)  # noqa: E731
    return {result['task']: result for result in whole_files.read_json(path, fits, 'results must be a list of tasks')}


def arguments():
    parser = argparse.ArgumentParser(description='tune against an exhaustive sweep of the same task')
    parser.add_argument('--build', default='build')
    parser.add_argument('--tasks', default=','.join(TASKS))
    parser.add_argument('--again', action='store_true', help='take the sweeps as they were found before, where they were')
    parser.add_argument('--seeds', type=int, default=2, help='of the sweep')
    parser.add_argument('--tunes', type=int, default=3, help='runs of tune, each with a seed of its own')
    parser.add_argument('--out', default=os.path.join(HERE, '..', 'results'))
    return parser.parse_args()


def compare_all(options):
    told, build = os.path.join(options.out, 'tune.json'), os.path.abspath(options.build)
    results, measured, folder = results_of(told), machine.measured_on(), os.path.join(build, 'bench-tune')
    programs.run('making the tasks', [os.path.join(build, 'bench-venv/bin/python'), os.path.join(HERE, 'tasks.py'), folder],
                 os.path.join(build, 'bench-tune-tasks.log'), '`make setup` installs the data, `make bench-quick` the peers.')
    for name in options.tasks.split(','):
        results[name] = compare(Task(name, os.path.join(build, 'batchwise'), folder), options, measured)
        print(row_of(results[name]), flush=True)
        kept = [results[name] for name in TASKS if name in results]
        whole_files.write(told, json.dumps(kept, indent=2))
        whole_files.write(os.path.join(options.out, 'tune.md'), table(kept))


def main():
    try:
        compare_all(arguments())
    except Broken as stop:
        sys.exit(f'compare: {stop}')


if __name__ == '__main__':
    main()
