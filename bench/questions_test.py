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
import run  # noqa: E402
from broken_runs_test import Folder  # noqa: E402


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


if __name__ == '__main__':
    unittest.main()
