#!/usr/bin/env python3
# The rules of bench/, tried on contestants that are wrong, die or are alone: no network, no peers, no batchwise.
import contextlib
import dataclasses
import io
import os
import sys
import tempfile
import types
import unittest
from unittest import mock

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import contestants  # noqa: E402
import contention.question  # noqa: E402
import inference.question  # noqa: E402
import lanes.question  # noqa: E402
import run  # noqa: E402
import start_up.question  # noqa: E402
import training_step.question  # noqa: E402
import turns  # noqa: E402
from broken_runs_test import *  # noqa: E402,F401,F403 - their tests are tests of this file as well
from questions_test import *  # noqa: E402,F401,F403
from cases import CASES  # noqa: E402
from conversation import PASSES  # noqa: E402
from results import Results, row_of  # noqa: E402
from training_step.first_losses import fault_of  # noqa: E402

# A contestant of any question, whose manner is its last argument.
FAKE = '''
import os, sys
manner, count = sys.argv[1], int(sys.argv[2])
losses = {'nan': [float('nan')] * count}
slope = {'still': 0.0, 'twice': 0.2}.get(manner, 0.1)
falling = [2 - slope * step / 2 for step in range(count)]  # running means of a loss that falls by the slope
for line in sys.stdin:
    word, *rest = line.split()
    if word == 'losses': print('losses', *losses.get(manner, falling), flush=True)
    elif word == 'outputs':
        found = [1.0] * int(rest[0])
        if manner == 'last': found[-1] = 2.0
        print('outputs', *found, flush=True)
    elif word == 'train' and manner == 'stillborn': sys.exit(3)
    elif word == 'train': print('ready', flush=True)
    elif word == 'steps' and manner == 'dies' and rest[0] != '1': os.kill(os.getpid(), 9)
    elif word == 'steps': print('seconds', 0.001 * int(rest[0]), flush=True)
    else:
        print('peak 1', flush=True)
        break
'''
CASE = dataclasses.replace(CASES['unet'], checked_steps=3)
MEASURED = dict(processor='a processor', cores=2, kernel='6', versions={'torch': '1', 'keras': '2', 'tensorflow-cpu': '3'}, quick=False,
                flops_per_second=1e11, date='2026-01-01')


def losses(slope):
    return [2 - slope * step / 2 for step in range(PASSES * CASE.checked_steps)]


class Bench(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        for stream in ('stdout', 'stderr'):
            silent = mock.patch('sys.' + stream, io.StringIO())
            silent.start()
            self.addCleanup(silent.stop)

    def manners(self, **of):
        """Contestants behave as said, the others well."""
        def command(question, name, build, arguments):
            manner = of.get(name.replace('-', '_'), 'well')
            return [sys.executable, '-S', '-E', '-c', FAKE, manner, str(PASSES * CASE.checked_steps)]

        for module in (contestants, inference.question):
            fakes = mock.patch.object(module, 'command', command)
            fakes.start()
            self.addCleanup(fakes.stop)

    def measure(self, **of):
        self.manners(**of)
        return training_step.question.measure(CASE, 8, ['keras', 'batchwise', 'pytorch-eager'], self.folder, self.folder, 2, 0.01)

    def results(self):
        return Results(self.folder, 'training_step', training_step.question)


class Agreement(Bench):
    def test_losses_that_are_not_finite_are_refused(self):
        self.assertIn('nan', fault_of([float('nan')] * len(losses(0.1)), CASE, losses(0.1)))
        self.assertIn('inf', fault_of([float('inf')] * len(losses(0.1)), CASE, None))

    def test_too_few_losses_are_refused(self):
        self.assertIn('not 12', fault_of(losses(0.1)[:-1], CASE, losses(0.1)))
        self.assertIn('0 values', fault_of([], CASE, None))

    def test_a_loss_too_far_from_the_references_is_refused(self):
        wrong = losses(0.1)
        wrong[2] += 0.1
        self.assertIn('value 3', fault_of(wrong, CASE, losses(0.1)))

    def test_losses_without_updates_are_refused_though_each_is_within_the_tolerance(self):
        self.assertIsNone(fault_of(losses(0.004), CASE, losses(0.004)))
        self.assertIn('does not fall', fault_of(losses(0.0), CASE, losses(0.004)))

    def test_updates_of_half_or_twice_the_size_are_refused(self):
        self.assertIn('falls by', fault_of(losses(0.002), CASE, losses(0.004)))
        self.assertIn('falls by', fault_of(losses(0.008), CASE, losses(0.004)))

    def test_a_reference_that_is_wrong_is_refused_and_the_next_one_speaks(self):
        found = self.measure(keras='nan')
        self.assertEqual(['batchwise', 'pytorch-eager'], list(found['results']))
        self.assertEqual('batchwise', found['compared_with'])

    def test_who_disagrees_is_not_timed(self):
        found = self.measure(batchwise='nan', pytorch_eager='still')
        self.assertEqual(['keras'], list(found['results']))
        self.assertEqual({'batchwise', 'pytorch-eager'}, set(found['refused']))

    def test_a_prediction_that_is_wrong_in_its_last_output_alone_is_not_timed(self):
        self.manners(batchwise='last')
        options = types.SimpleNamespace(repetitions=1, seconds=0.01)
        found = inference.question.measure(CASES['mlp'], 16, ['keras', 'batchwise'], self.folder, self.folder, options)
        self.assertEqual(['keras'], list(found['results']))
        self.assertIn('value 160', found['refused']['batchwise'])

    def test_contention_and_start_up_measure_only_who_agrees(self):
        self.manners(pytorch_eager='twice')
        options = types.SimpleNamespace(repetitions=2, seconds=0.01, starts=1)
        for question in (contention.question, start_up.question):
            found = question.measure(CASE, 8, ['keras', 'batchwise', 'pytorch-eager'], self.folder, self.folder, options)
            self.assertEqual({'keras', 'batchwise'}, set(found['results']), question)
            self.assertEqual({'pytorch-eager'}, set(found['refused']), question)


class Lanes(Bench):
    def test_lanes_are_held_against_as_many_processes_that_share_nothing(self):
        self.manners()
        options = types.SimpleNamespace(repetitions=2, seconds=0.01, cases=['lstm'], quick=True)
        with mock.patch('os.sched_getaffinity', return_value={0, 1, 2, 3}):
            answers = list(lanes.question.ask(self.folder, self.folder, ['batchwise'], options))
        found = answers[0]
        self.assertEqual({'2', '4'}, set(found['ratios']))
        self.assertEqual((4, 2), (found['processes']['count'], found['processes']['repetitions']))
        self.assertAlmostEqual(4.0, found['processes']['median'])  # a fake takes the same time beside others
        self.assertIn('| 4.000 (4.000–4.000) | 25 % |', lanes.question.table(answers, ['batchwise']))


class Deaths(Bench):
    def test_a_contestant_that_dies_in_its_turn_costs_only_its_own_numbers(self):
        found = self.measure(pytorch_eager='dies')
        self.assertEqual(['keras', 'batchwise'], list(found['results']))
        answer = dict(case='unet', title='U-Net', batch_size=8, floor=1.0, **found)
        table = training_step.question.table([answer], list(contestants.NAMES))
        self.assertIn('died: ended by signal 9', table)

    def test_one_that_ends_before_its_first_step_is_named(self):
        found = self.measure(pytorch_eager='stillborn')
        self.assertEqual({'pytorch-eager': 'ended with 3'}, found['refused'])

    def test_lanes_that_die_cost_their_row_and_the_next_case_is_measured(self):
        self.manners(batchwise='stillborn')
        options = types.SimpleNamespace(repetitions=1, seconds=0.01, cases=['mlp'], quick=True)
        answers = list(lanes.question.ask(self.folder, self.folder, ['batchwise'], options))
        self.assertEqual(len(CASES['mlp'].batch_sizes), len(answers))
        self.assertIn('died: ended with 3', lanes.question.table(answers, ['batchwise']))


class Merging(Bench):
    def answer(self, case, seconds, *names):
        taken = dict(median=seconds, least=seconds, most=seconds, repetitions=1)
        return dict(case=case, title=CASES[case].title, batch_size=8, floor=0.001, results={name: taken for name in names}, refused={})

    def test_a_run_of_one_case_keeps_the_rows_of_others_and_when_each_was_measured(self):
        whole = self.results()
        for case in ('unet', 'mlp', 'lstm'):
            whole.add(self.answer(case, 1.0, 'batchwise', 'keras'), MEASURED)
        whole.write()
        part = self.results()
        part.add(self.answer('lstm', 2.0, 'batchwise', 'keras'), dict(MEASURED, date='2026-02-02', flops_per_second=2e11))
        part.write()
        merged = self.results().answers
        self.assertEqual([('mlp', '2026-01-01'), ('lstm', '2026-02-02'), ('unet', '2026-01-01')],
                         [(answer['case'], answer['measured']['date']) for answer in merged])
        with open(os.path.join(self.folder, 'training_step.md')) as file:
            told = file.read()
        self.assertRegex(told, r'- LSTM[^\n]*batch 8: 2 cores[^\n]*200 GFLOP/s[^\n]*2026-02-02')
        self.assertRegex(told, r'- All else: 2 cores[^\n]*100 GFLOP/s[^\n]*2026-01-01')

    def test_a_run_of_fewer_contestants_keeps_the_row_of_more(self):
        whole = self.results()
        whole.add(self.answer('mlp', 1.0, 'batchwise', 'keras'), MEASURED)
        whole.add(self.answer('mlp', 2.0, 'batchwise'), MEASURED)
        self.assertEqual(1.0, whole.answers[0]['results']['batchwise']['median'])

    def test_published_results_are_read_and_shown_again_as_they_are(self):
        for question in ('training_step', 'inference', 'lanes', 'plan_time', 'start_up', 'contention', 'time_over_memory', 'input_pipeline',
                         'memory_over_batch_size'):
            module = __import__(question + '.question').question
            published = Results(os.path.join(HERE, 'results'), question, module)
            self.assertEqual(len(published.answers), len({row_of(module, a) for a in published.answers}), question)
            with open(published.path + '.md') as file:
                told = file.read()
            self.assertTrue(told.startswith(published.table(published.answers)), question)
            if hasattr(module, 'picture'):
                with open(published.path + '.svg') as file:
                    self.assertEqual(module.picture(published.answers, {name: contestants.title(name) for name in contestants.NAMES}),
                                     file.read(), question)


class Words(Bench):
    def test_unknown_names_are_refused_naming_the_known_ones(self):
        for option, known in (('--cases', 'mobilenetv2'), ('--questions', 'start_up'), ('--contestants', 'keras-xla')):
            told = io.StringIO()
            with self.assertRaises(SystemExit), contextlib.redirect_stderr(told):
                run.arguments([option, 'mlp,nothing'])
            self.assertIn(known, told.getvalue())

    def test_a_quick_run_writes_elsewhere(self):
        self.assertEqual(os.path.join('build', 'bench-results'), run.arguments(['--quick']).out)
        self.assertEqual(os.path.join(HERE, 'results'), run.arguments([]).out)

    def test_a_single_turn_has_no_range(self):
        self.assertIn('(', turns.shown(turns.summary([1.0, 2.0])))
        self.assertNotIn('(', turns.shown(turns.summary([2.0])))

    def test_all_cores_are_measured_when_they_are_no_power_of_two(self):
        for cores, expected in ((2, [1, 2]), (6, [1, 2, 4, 6]), (8, [1, 2, 4, 8])):
            with mock.patch('os.sched_getaffinity', return_value=set(range(cores))):
                self.assertEqual(expected, lanes.question.doubled())


if __name__ == '__main__':
    unittest.main()
