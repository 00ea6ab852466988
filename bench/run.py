#!/usr/bin/env python3
# Asks every question of bench/ and writes results as JSON, Markdown and a picture: see README.md.
import argparse
import importlib
import json
import os
import platform
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import contestants  # noqa: E402
import floor  # noqa: E402
import inputs  # noqa: E402
import peers  # noqa: E402
import picture  # noqa: E402
from cases import CASES  # noqa: E402

QUESTIONS = ['training_step', 'inference', 'memory_over_batch_size', 'start_up', 'contention', 'input_pipeline', 'bfloat16', 'plan_time', 'lanes', 'proportion', 'noise_scale', 'time_over_memory']


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--build', default='build', help='where batchwise was built (default build)')
    parser.add_argument('--quick', action='store_true', help='fewer contestants, cases and repetitions: a few minutes')
    parser.add_argument('--questions', default=','.join(QUESTIONS), help='comma-separated, of: ' + ', '.join(QUESTIONS))
    parser.add_argument('--contestants', help='comma-separated, of: ' + ', '.join(contestants.NAMES))
    parser.add_argument('--cases', default='', help='comma-separated, of: ' + ', '.join(CASES))
    parser.add_argument('--repetitions', type=int, help='timed turns of each contestant')
    parser.add_argument('--seconds', type=float, help='length of a turn')
    parser.add_argument('--out', default=os.path.join(HERE, 'results'), help='folder of the results')
    options = parser.parse_args()
    options.repetitions = options.repetitions or (3 if options.quick else 9)
    options.seconds = options.seconds or (0.5 if options.quick else 2.0)
    options.starts = 2 if options.quick else 5
    options.batch_sizes = (32, 128, 512, 8192) if options.quick else (1, 16, 64, 256, 1024, 4096, 8192)
    every = ['batchwise', 'pytorch-eager', 'keras'] if options.quick else list(contestants.NAMES)
    options.contestants = options.contestants.split(',') if options.contestants else every
    options.cases = options.cases.split(',') if options.cases else ['mlp', 'mnist_cnn', 'cnn128'] if options.quick else []
    return options


def machine():
    model = next((line.split(':', 1)[1].strip() for line in open('/proc/cpuinfo') if line.startswith('model name')), platform.machine())
    return dict(processor=model, cores=len(os.sched_getaffinity(0)), kernel=platform.release(),
                date=time.strftime('%Y-%m-%d', time.gmtime()))


def main():
    options = arguments()
    os.makedirs(options.out, exist_ok=True)
    folder = os.path.join(options.build, 'bench-inputs')
    peers.install(options.build)
    inputs.write_in(options.build, [(name, 0, os.path.join(folder, name)) for name in CASES
                                    if not options.cases or name in options.cases or name in ('mlp', 'cnn128')])
    options.flops_per_second = floor.ask(options.build)
    facts = dict(machine=machine(), versions=peers.versions(options.build), quick=options.quick,
                 flops_per_second=options.flops_per_second)
    note = (f"{facts['machine']['cores']} cores of {facts['machine']['processor']}, f32 matrix product "
            f"{options.flops_per_second / 1e9:.0f} GFLOP/s, PyTorch {facts['versions']['torch']}, Keras {facts['versions']['keras']} "
            f"on TensorFlow {facts['versions']['tensorflow-cpu']}, {facts['machine']['date']}"
            + (', quick run' if options.quick else '') + '.')
    print(note, flush=True)
    for question in options.questions.split(','):
        module = importlib.import_module(f'{question}.question')
        answers = module.ask(options.build, folder, options.contestants, options)
        if not answers:
            continue
        table = module.table(answers, options.contestants)
        print(f'\n{table}\n', flush=True)
        with open(os.path.join(options.out, question + '.json'), 'w') as file:
            json.dump(dict(facts, answers=answers), file, indent=1)
            file.write('\n')
        with open(os.path.join(options.out, question + '.md'), 'w') as file:
            file.write(f'{table}\n\n{note}\n')
        if question == 'memory_over_batch_size':
            titles = {name: contestants.title(name) for name in contestants.NAMES}
            with open(os.path.join(options.out, question + '.svg'), 'w') as file:
                file.write(picture.draw(answers[0], titles))
    print(f'results are in {options.out}')


main()
