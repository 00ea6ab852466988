#!/usr/bin/env python3
# What single questions of bench/ ask and how they tell it; bench_test.py runs these tests with its own.
import os
import sys
import types
import unittest
from unittest import mock

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import contestants  # noqa: E402
import input_pipeline.question  # noqa: E402
import noise_scale.question  # noqa: E402
import plan_time.question  # noqa: E402
import proportion.question  # noqa: E402
import run  # noqa: E402
import start_up.question  # noqa: E402
from broken_runs_test import Folder  # noqa: E402
from cases import CASES  # noqa: E402
from turns import summary  # noqa: E402


class Photos(Folder):
    OPTIONS = dict(cases=[], quick=False, repetitions=1, seconds=0.01)

    def asked(self, names, **options):
        """The rows of which a run asks, without what it measures."""
        nothing = dict(results={}, died={})
        replaced = dict(photos=self.folder, copies_of=self.folder, measure=nothing, measure_training=nothing,
                        measure_memory=dict(memory={}, died={}))
        with mock.patch.multiple(input_pipeline.question, **{name: lambda *_, found=found: found for name, found in replaced.items()}):
            return list(input_pipeline.question.ask(self.folder, self.folder, names, types.SimpleNamespace(**{**self.OPTIONS, **options})))

    def test_a_quick_run_asks_for_one_loader_batch_and_one_of_other_cases_for_none(self):
        self.assertEqual(['loader batch 32'], [answer['case'] for answer in self.asked(['batchwise'], quick=True, cases=['mlp', 'cnn128'])])
        self.assertEqual([], self.asked(['batchwise'], cases=['mlp']))
        self.assertEqual(10, len(self.asked(['batchwise'])))

    def test_copies_that_a_killed_run_left_half_made_are_made_anew(self):
        self.write('jpeg', 'photos', 'class0', '1.jpg')
        self.write('jpeg', 'photos-copies.part', 'class0', '1-0.jpg')
        folder = input_pipeline.question.copies_of(self.at('photos'))
        self.assertEqual(['1-0.jpg', '1-1.jpg', '1-2.jpg', '1-3.jpg'], sorted(os.listdir(os.path.join(folder, 'class0'))))

    def test_a_loader_that_dies_is_told_of_in_the_table_of_memory(self):
        def peak(name, *_):
            if name == 'keras':
                raise contestants.Failed('ended by signal 9')
            return 2**20

        with mock.patch.object(input_pipeline.question, 'peak_after_an_epoch', peak):
            found = input_pipeline.question.measure_memory(['batchwise', 'keras'], self.folder, self.folder, self.folder, 32)
        told = input_pipeline.question.table([dict(case='loader batch 32', **found)], [])
        self.assertIn('| tf.data: a loop | died: ended by signal 9 |', told)
        self.assertIn('| batchwise: a loop | 1 |', told)


class Tables(Folder):
    def test_start_up_shows_its_range_and_the_best_peer(self):
        results = dict(batchwise=summary([0.1, 0.2, 0.3]), keras=summary([9.0]), **{'pytorch-eager': summary([3.0, 4.0, 5.0])})
        told = start_up.question.table([dict(title='MLP', batch_size=8, results=results)], list(contestants.NAMES))
        self.assertIn('| 0.2 (0.1–0.3) | 4 (3–5) | 9 | 20× |', told)
        alone = start_up.question.table([dict(title='MLP', batch_size=8, results=dict(batchwise=summary([0.1])))], ['batchwise'])
        self.assertIn('| 0.1 | — |', alone)

    def test_proportion_reads_all_rows_that_a_case_has_and_says_where_they_come_again(self):
        started = []

        def start(build, question, case, folder, batch_size, rows=''):
            started.append((folder, batch_size, rows))

        def all_turns(running, options, what):
            return {key: [0.001 * key[0], 0.002 * key[0], 0.003 * key[0]] for key in running}

        with mock.patch.multiple(proportion.question, start=start, all_turns=all_turns, CASES_ASKED=('mlp', 'cnn128')):
            answers = list(proportion.question.ask(self.folder, self.folder, ['batchwise'], types.SimpleNamespace(cases=[])))
        self.assertEqual({self.at('mlp'), self.at('cnn128')}, {folder for folder, *_ in started})
        self.assertIn((self.at('mlp'), 100, 60000), started)
        told = proportion.question.table(answers, [])
        self.assertIn(f"| {CASES['mlp'].title}, over samples | 1,000: 2e+03 (1e+03–3e+03), ", told)
        self.assertIn(f"| {CASES['cnn128'].title}, over samples (1,024 of them stored) |", told)

    def test_a_case_of_proportion_that_died_is_told_of(self):
        with mock.patch.object(proportion.question, 'per_sample', side_effect=contestants.Failed('ended with 3')):
            answers = list(proportion.question.ask(self.folder, self.folder, ['batchwise'], types.SimpleNamespace(cases=['mlp'])))
        self.assertIn('over samples | died: ended with 3 | |', proportion.question.table(answers, []))


class Quick(Folder):
    def test_a_quick_run_counts_no_instructions(self):
        taken = dict(with_it=[1.0], without=[1.0])
        for quick, counted in ((True, False), (False, True)):
            with mock.patch.multiple(noise_scale.question, start_each=lambda *_: {}, all_turns=lambda *_: taken, instructions=lambda *_: 1.0):
                found = noise_scale.question.measure(self.folder, CASES['mlp'], self.folder, 32, types.SimpleNamespace(quick=quick))
            self.assertEqual(counted, 'instructions' in found)

    def test_plan_that_fails_says_its_last_words(self):
        self.write("#!/bin/sh\necho 'batchwise: [MODEL] no such file' >&2; exit 2", 'batchwise')
        os.chmod(self.at('batchwise'), 0o755)
        with self.assertRaisesRegex(contestants.Failed, r'plan ended with 2: batchwise: \[MODEL\] no such file'):
            plan_time.question.predicted(self.folder, 'model.keras', 32, 1)


if __name__ == '__main__':
    unittest.main()
