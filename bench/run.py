#!/usr/bin/env python3
# Asks every question of bench/ and writes results as JSON, Markdown and a picture: see README.md.
import argparse
import importlib
import os
import sys
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import contestants  # noqa: E402
import floor  # noqa: E402
import inputs  # noqa: E402
import machine  # noqa: E402
import peers  # noqa: E402
from broken import Broken  # noqa: E402
from cases import CASES  # noqa: E402
from progress import say  # noqa: E402
from results import Results, sentence  # noqa: E402

QUICK_QUESTIONS = ['training_step', 'inference', 'memory_over_batch_size', 'start_up', 'contention']
QUESTIONS = [*QUICK_QUESTIONS, 'input_pipeline', 'bfloat16', 'plan_time', 'lanes', 'proportion', 'noise_scale', 'time_over_memory']


def chosen(parser, option, text, known):
    """The names of a comma-separated list, all of which must be known."""
    for name in text.split(','):
        if name not in known:
            parser.error(f"[{option}] each name must be one of {', '.join(known)}. Got '{name}'.")
    return text.split(',')


def arguments(words=None):
    parser = argparse.ArgumentParser(description='Asks the questions of bench/ and writes what it finds: see bench/README.md.')
    parser.add_argument('--build', default='build', help='where batchwise was built (default build)')
    parser.add_argument('--quick', action='store_true', help='fewer questions, contestants, cases and turns, each of them shorter')
    parser.add_argument('--questions', help='comma-separated, of: ' + ', '.join(QUESTIONS))
    parser.add_argument('--contestants', help='comma-separated, of: ' + ', '.join(contestants.NAMES))
    parser.add_argument('--cases', help='comma-separated, of: ' + ', '.join(CASES))
    parser.add_argument('--repetitions', type=int, help='timed turns of each contestant')
    parser.add_argument('--seconds', type=float, help='length of a turn')
    parser.add_argument('--out', help='folder of the results (default bench/results; of a quick run BUILD/bench-results)')
    options = parser.parse_args(words)
    asked = QUICK_QUESTIONS if options.quick else QUESTIONS
    options.questions = chosen(parser, '--questions', options.questions, QUESTIONS) if options.questions else asked
    options.repetitions = options.repetitions or (3 if options.quick else 9)
    options.seconds = options.seconds or (0.5 if options.quick else 2.0)
    options.starts = 2 if options.quick else 5
    options.batch_sizes = (32, 512) if options.quick else (1, 16, 64, 256, 1024, 4096, 8192)
    every = ['batchwise', 'pytorch-eager', 'keras'] if options.quick else list(contestants.NAMES)
    options.contestants = chosen(parser, '--contestants', options.contestants, contestants.NAMES) if options.contestants else every
    few = ['mlp', 'cnn128'] if options.quick else []
    options.cases = chosen(parser, '--cases', options.cases, CASES) if options.cases else few
    options.out = options.out or (os.path.join(options.build, 'bench-results') if options.quick else os.path.join(HERE, 'results'))
    return options


def repeated(module, options):
    """How often a question measures, in words."""
    if hasattr(module, 'repeated'):
        return module.repeated(options)
    return f"{options.repetitions} turn{'s' * (options.repetitions != 1)} of {options.seconds:g} s"


def answered(question, found, folder, options, measured):
    """Writes each row of a question as soon as it is measured."""
    for answer in found.module.ask(options.build, folder, options.contestants, options):
        date = time.strftime('%Y-%m-%d', time.gmtime())
        found.add(answer, dict(measured, turns=repeated(found.module, options), date=date))
        found.write()


def show(question, found, options):
    if not found.mine:
        return say(f'{question} has no row of these cases and contestants')
    print(f'\n{found.table(found.mine)}\n', flush=True)


def came_through(question, options, act):
    """`act()`, and True; what stops it is said in a line, with where its traceback is kept, and the run goes on."""
    try:
        act()
        return True
    except Broken as stop:
        say(f'{question} stopped: {stop}')
    except Exception as stop:
        log = os.path.join(options.build, f'bench-{question}-stopped.log')
        say(f'{question} stopped: {type(stop).__name__}: {stop} (see {log})')
        with open(log, 'w') as file:
            file.write(traceback.format_exc())
    finally:
        contestants.end_loaded()
    return False


def ask(question, folder, options, measured):
    """Measures a question and shows its rows, those as well that were measured before something stopped it. True: nothing did."""
    found = []

    def begin():
        found.append(Results(options.out, question, importlib.import_module(f'{question}.question')))
        answered(question, found[0], folder, options, measured)

    whole = came_through(question, options, begin)
    return came_through(question, options, lambda: show(question, found[0], options)) and whole if found else False


def measure(options):
    """Asks all questions; True where none was stopped."""
    os.makedirs(options.out, exist_ok=True)
    for question in options.questions:  # before an hour has passed: can what it found before be read?
        Results(options.out, question, None)
    folder = os.path.join(options.build, 'bench-inputs')
    peers.install(options.build)
    say('inputs are written where they are missing or of before a change')
    inputs.write_in(options.build, [(name, 0, os.path.join(folder, name)) for name in CASES
                                    if not options.cases or name in options.cases or name in ('mlp', 'cnn128')])
    options.flops_per_second = floor.ask(options.build)
    measured = dict(machine.measured_on(), versions=peers.versions(options.build), quick=options.quick, repetitions=options.repetitions,
                    seconds=options.seconds, flops_per_second=options.flops_per_second)
    say(sentence(dict(measured, date='now')))
    whole = [ask(question, folder, options, measured) for question in options.questions]
    say(f'results are in {options.out}')
    return all(whole)


def main():
    options = arguments()
    try:
        return 0 if measure(options) else 1
    except Broken as stop:
        print(f'bench: {stop}', file=sys.stderr)
        return 1


if __name__ == '__main__':
    sys.exit(main())
