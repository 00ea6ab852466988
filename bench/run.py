#!/usr/bin/env python3
# Asks every question of bench/ and writes results as JSON, Markdown and a picture: see README.md.
import argparse
import importlib
import os
import platform
import subprocess
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
from progress import say  # noqa: E402
from results import Results, sentence  # noqa: E402

QUESTIONS = ['training_step', 'inference', 'memory_over_batch_size', 'start_up', 'contention', 'input_pipeline', 'bfloat16', 'plan_time', 'lanes', 'proportion', 'noise_scale', 'time_over_memory']


def chosen(parser, option, text, known):
    """The names of a comma-separated list, all of which must be known."""
    for name in text.split(','):
        if name not in known:
            parser.error(f"[{option}] each name must be one of {', '.join(known)}. Got '{name}'.")
    return text.split(',')


def arguments(words=None):
    parser = argparse.ArgumentParser(description='Asks the questions of bench/ and writes what it finds: see bench/README.md.')
    parser.add_argument('--build', default='build', help='where batchwise was built (default build)')
    parser.add_argument('--quick', action='store_true', help='fewer contestants, cases and repetitions: a few minutes')
    parser.add_argument('--questions', default=','.join(QUESTIONS), help='comma-separated, of: ' + ', '.join(QUESTIONS))
    parser.add_argument('--contestants', help='comma-separated, of: ' + ', '.join(contestants.NAMES))
    parser.add_argument('--cases', help='comma-separated, of: ' + ', '.join(CASES))
    parser.add_argument('--repetitions', type=int, help='timed turns of each contestant')
    parser.add_argument('--seconds', type=float, help='length of a turn')
    parser.add_argument('--out', help='folder of the results (default bench/results; of a quick run BUILD/bench-results)')
    options = parser.parse_args(words)
    options.questions = chosen(parser, '--questions', options.questions, QUESTIONS)
    options.repetitions = options.repetitions or (3 if options.quick else 9)
    options.seconds = options.seconds or (0.5 if options.quick else 2.0)
    options.starts = 2 if options.quick else 5
    options.batch_sizes = (32, 128, 512, 8192) if options.quick else (1, 16, 64, 256, 1024, 4096, 8192)
    every = ['batchwise', 'pytorch-eager', 'keras'] if options.quick else list(contestants.NAMES)
    options.contestants = chosen(parser, '--contestants', options.contestants, contestants.NAMES) if options.contestants else every
    few = ['mlp', 'mnist_cnn', 'cnn128'] if options.quick else []
    options.cases = chosen(parser, '--cases', options.cases, CASES) if options.cases else few
    options.out = options.out or (os.path.join(options.build, 'bench-results') if options.quick else os.path.join(HERE, 'results'))
    return options


def machine():
    model = next((line.split(':', 1)[1].strip() for line in open('/proc/cpuinfo') if line.startswith('model name')), platform.machine())
    return dict(processor=model, cores=len(os.sched_getaffinity(0)), kernel=platform.release())


def ask(question, folder, options, measured):
    """Writes each row of a question as soon as it is measured; True where nothing stopped it."""
    module = importlib.import_module(f'{question}.question')
    found = Results(options.out, question, module)
    fault = None
    try:
        for answer in module.ask(options.build, folder, options.contestants, options):
            found.add(answer, dict(measured, date=time.strftime('%Y-%m-%d', time.gmtime())))
            found.write()
    except (contestants.Failed, subprocess.CalledProcessError, OSError) as stop:
        fault = stop
        say(f'{question} stopped: {fault}')
    if not found.mine:
        say(f'{question} has no row of these cases and contestants')
        return not fault
    print(f'\n{found.table(found.mine)}\n', flush=True)
    if question == 'memory_over_batch_size' and any(each['batch_sizes'] for each in found.answers[0]['results'].values()):
        titles = {name: contestants.title(name) for name in contestants.NAMES}
        with open(os.path.join(options.out, question + '.svg'), 'w') as file:
            file.write(picture.draw(found.answers[0], titles))
    return not fault


def main():
    options = arguments()
    os.makedirs(options.out, exist_ok=True)
    folder = os.path.join(options.build, 'bench-inputs')
    peers.install(options.build)
    say('inputs are written where they are missing')
    inputs.write_in(options.build, [(name, 0, os.path.join(folder, name)) for name in CASES
                                    if not options.cases or name in options.cases or name in ('mlp', 'cnn128')])
    options.flops_per_second = floor.ask(options.build)
    measured = dict(machine(), versions=peers.versions(options.build), quick=options.quick, repetitions=options.repetitions,
                    flops_per_second=options.flops_per_second)
    say(sentence(dict(measured, date='now')))
    whole = [ask(question, folder, options, measured) for question in options.questions]
    say(f'results are in {options.out}')
    return 0 if all(whole) else 1


if __name__ == '__main__':
    sys.exit(main())
