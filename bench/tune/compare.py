#!/usr/bin/env python3
# Does tune choose well? Its choice against an exhaustive sweep of the same task: time to the same target, and what each cost.
import argparse
import json
import os
import shutil
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))

# model, data, epochs of a cell, batch sizes, learning rates of the first batch size, more arguments
TASKS = {
    'mnist': dict(model='mlp', data='mnist', epochs=12, sizes='32,128,512,2048', rates='0.0003,0.001,0.003', more=['--optimizer', 'adam']),
    'fashion-mnist': dict(model='mlp', data='fashion-mnist', epochs=8, sizes='32,128,512,2048', rates='0.0003,0.001,0.003',
                          more=['--optimizer', 'adam']),
    'mnist-sgd': dict(model='mlp', data='mnist', epochs=12, sizes='32,128,512,2048', rates='0.03,0.1,0.3', more=['--optimizer', 'sgd']),
    'photos': dict(model='cnn', data='photos', epochs=10, sizes='8,16,32', rates='0.0003,0.001,0.003', more=['--optimizer', 'adam', '--image-size', '64']),
    'regression': dict(model='regression.keras', data='regression.npz', epochs=20, sizes='32,128,512', rates='0.0003,0.001,0.003',
                       more=['--optimizer', 'adam']),
    'transformer': dict(model='transformer', data='words.npz', epochs=6, sizes='32,128,512', rates='0.0003,0.001,0.003', more=['--optimizer', 'adam']),
}


def run(program, *words):
    done = subprocess.run([program, *words], text=True, capture_output=True)
    if done.returncode:
        raise SystemExit(f'{" ".join(words)}\n{done.stderr}')
    return done.stdout


def sweep(program, task, work, folder, sizes, rates, seeds, target=None):
    out = os.path.join(work, folder)
    shutil.rmtree(out, ignore_errors=True)
    words = ['sweep', task['model'], task['data'], '--batch-sizes', sizes, '--learning-rates', rates, '--seeds', str(seeds), '--epochs',
             str(task['epochs']), '--validation-split', '0.1', '--out', out, *task['more']]
    if target:
        words += ['--target', f'{target["metric"]}={target["value"]}']
    run(program, *words)
    return json.load(open(os.path.join(out, 'sweep.json'))), ' '.join(words)


def seconds_of(record):
    return sum(cell['epochs'][-1]['seconds'] for cell in record['cells'] if cell.get('epochs'))


def compare(program, name, work, seeds):
    task = TASKS[name]
    whole, command = sweep(program, task, work, name + '-sweep', task['sizes'], task['rates'], seeds)
    rows = [row for row in whole['summary']['rows'] if 'seconds_to_target' in row]
    best = min(rows, key=lambda row: row['seconds_to_target']['mean'])
    cost = seconds_of(whole)
    tuned = os.path.join(work, name + '-tune')
    shutil.rmtree(tuned, ignore_errors=True)
    words = ['tune', task['model'], task['data'], '--batch-sizes', task['sizes'], '--time', f'{0.15 * cost:.1f}s', '--validation-split', '0.1',
             '--out', tuned, *task['more']]
    run(program, *words)
    found = json.load(open(os.path.join(tuned, 'tune.json')))
    choice = found['recommendation']
    target = whole['summary']['target']
    chosen, _ = sweep(program, task, work, name + '-chosen', str(choice['batch_size']), repr(choice['learning_rate']), seeds, target)
    row = chosen['summary']['rows'][0]
    reached = row.get('seconds_to_target', {}).get('mean')
    return dict(task=name, sweep=command, tune=' '.join(words), target=target, cells=len(whole['cells']), sweep_seconds=cost,
                tune_seconds=found['seconds'], cost=found['seconds'] / cost,
                best=dict(batch_size=best['batch_size'], learning_rate=best['learning_rate'], seconds=best['seconds_to_target']['mean']),
                chosen=dict(batch_size=choice['batch_size'], learning_rate=choice['learning_rate'], seconds=reached),
                ratio=reached / best['seconds_to_target']['mean'] if reached else None)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--program', default='build/batchwise')
    parser.add_argument('--tasks', default=','.join(TASKS))
    parser.add_argument('--seeds', type=int, default=2)
    parser.add_argument('--work', default='build/bench-tune')
    parser.add_argument('--out', default=os.path.join(ROOT, 'bench', 'results', 'tune.json'))
    options = parser.parse_args()
    os.makedirs(options.work, exist_ok=True)
    results = []
    print(f'{"task":14} {"best":>16} {"chosen":>16} {"time to target":>15} {"cost":>6}')
    for name in options.tasks.split(','):
        result = compare(os.path.abspath(options.program), name, options.work, options.seeds)
        results.append(result)
        ratio = f'{result["ratio"]:.2f} of best' if result['ratio'] else 'not reached'
        show = lambda choice: f'{choice["batch_size"]} at {choice["learning_rate"]:.2g}'  # noqa: E731
        print(f'{name:14} {show(result["best"]):>16} {show(result["chosen"]):>16} {ratio:>15} {result["cost"]:6.0%}', flush=True)
        json.dump(results, open(options.out, 'w'), indent=2)


if __name__ == '__main__':
    main()
