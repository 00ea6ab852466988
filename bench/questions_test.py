#!/usr/bin/env python3
# What single questions of bench/ ask and how they tell it; bench_test.py runs these tests with its own.
import json
import os
import sys
import types
import unittest
from unittest import mock

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import contestants  # noqa: E402
import input_pipeline.question  # noqa: E402
import machine  # noqa: E402
import memory_over_batch_size.question  # noqa: E402
import noise_scale.question  # noqa: E402
import plan_time.question  # noqa: E402
import proportion.question  # noqa: E402
import run  # noqa: E402
import start_up.question  # noqa: E402
import time_over_memory.question  # noqa: E402
import tune.compare  # noqa: E402
from broken_runs_test import Folder  # noqa: E402
from cases import CASES  # noqa: E402
from results import sentence  # noqa: E402
from turns import summary  # noqa: E402

CPU = 'processor : 0\nmodel name : AMD EPYC\ncpu family : 25\nmodel : 1\nflags : fpu avx avx2\n\nprocessor : 1\nmodel name : other\n'


class Provenance(Folder):
    MEASURED = dict(processor='AMD EPYC', cores=2, versions={'torch': '1', 'keras': '2', 'tensorflow-cpu': '3'}, quick=False,
                    flops_per_second=1e11, date='2026-01-01')

    def test_a_processor_is_told_by_its_family_and_its_best_instruction_set(self):
        facts = machine.processor(machine.facts_of(CPU.splitlines()))
        self.assertEqual(dict(processor='AMD EPYC', family=25, model=1, instruction_set='AVX2'), facts)
        for flags, best in (('avx2 avx512f', 'AVX-512'), ('avx2 avx512f amx_tile', 'AMX'), ('sse2', None)):
            self.assertEqual(best, machine.processor(dict(flags=flags)).get('instruction_set'))

    def test_where_there_is_no_checkout_no_commit_is_told(self):
        with mock.patch.object(machine, 'HERE', '/'):
            self.assertEqual({}, machine.commit())
        with mock.patch.object(machine, 'git', lambda *words: 'abc1234' if words[0] == 'rev-parse' else ' M src/a.cpp'):
            self.assertEqual(dict(commit='abc1234', changed=True), machine.commit())

    def test_a_row_says_instruction_set_commit_and_turns_and_one_of_before_is_told_as_before(self):
        self.assertEqual('2 cores of AMD EPYC, f32 matrix product 100 GFLOP/s, PyTorch 1, Keras 2 on TensorFlow 3, 2026-01-01.',
                         sentence(self.MEASURED))
        more = dict(self.MEASURED, family=25, model=1, instruction_set='AVX2', memory_gib=23.5, commit='abc1234', changed=False,
                    turns='9 turns of 2 s')
        self.assertEqual('2 cores of AMD EPYC (family 25 model 1, AVX2), 23.5 GiB, f32 matrix product 100 GFLOP/s, PyTorch 1, '
                         'Keras 2 on TensorFlow 3, commit abc1234, 9 turns of 2 s, 2026-01-01.', sentence(more))
        self.assertIn('commit abc1234 with changes', sentence(dict(more, changed=True)))

    def test_a_question_says_how_often_it_measures(self):
        options = run.arguments(['--repetitions', '1', '--seconds', '0.5'])
        self.assertEqual('1 turn of 0.5 s', run.repeated(types.SimpleNamespace(), options))
        self.assertEqual('', run.repeated(memory_over_batch_size.question, options))
        for question in (start_up, plan_time, input_pipeline, time_over_memory):
            self.assertRegex(run.repeated(question.question, run.arguments([])), r'^\d (starts|turns)')

    def test_the_comparison_of_tune_keeps_where_it_was_measured(self):
        sweep = dict(summary=dict(target=dict(metric='val_loss', value=1.0)),
                     cells=[dict(batch_size=8, learning_rate=0.1, epochs=[dict(seconds=1.0, logs=dict(val_loss=0.5))])])
        task = types.SimpleNamespace(name='mnist', sizes='8', epochs=1, sweep=lambda *_, **__: (sweep, 1.0, 'sweep'))
        found = dict(batch_size=8, learning_rate=0.1, seconds=1.0, samples=8, reached=1, seeds=1, command='sweep')
        with mock.patch.object(tune.compare, 'trained_again', return_value=found):
            result = tune.compare.compare(task, types.SimpleNamespace(seeds=1, again=False, tunes=0), dict(cores=2))
        self.assertEqual(2, result['measured']['cores'])
        self.assertRegex(result['measured']['date'], r'^\d{4}-\d\d-\d\d \d\d:\d\d$')

    def test_published_comparisons_of_tune_are_shown_again_as_they_are(self):
        with open(os.path.join(HERE, 'results', 'tune.json')) as file:
            told = tune.compare.table(json.load(file))
        with open(os.path.join(HERE, 'results', 'tune.md')) as file:
            self.assertEqual(file.read(), told)


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
    def test_a_quick_run_asks_five_questions_and_any_that_is_named(self):
        self.assertEqual(['training_step', 'inference', 'memory_over_batch_size', 'start_up', 'contention'], run.arguments(['--quick']).questions)
        self.assertEqual(['lanes'], run.arguments(['--quick', '--questions', 'lanes']).questions)
        self.assertEqual(run.QUESTIONS, run.arguments([]).questions)
        self.assertEqual(12, len(set(run.QUESTIONS)))

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



class Budgets(Folder):
    """The question time_over_memory, whose plans and steps are made up: each budget takes as long as it is small."""

    def measured(self, dies_at=0):
        def plan(build, model, batch_size, memory):
            peak = 64 * 2**20 if memory == '64G' else memory
            return dict(peak_bytes=peak, smallest_budget=16 * 2**20, recompute_share=64 * 2**20 / peak - 1 if peak > 20 * 2**20 else 9, lanes=2)

        class Process:
            def __init__(self, budget):
                self.budget = budget

            def ask(self, word, steps):
                if self.budget == dies_at:
                    raise contestants.Failed('ended with 3')
                return [steps * 2**26 / self.budget]

            def close(self):
                return self.budget

        options = types.SimpleNamespace(repetitions=2, seconds=0.01)
        with mock.patch.object(time_over_memory.question, 'plan', plan), \
                mock.patch.object(time_over_memory.question, 'start', lambda *words: Process(int(words[-1]))):
            return time_over_memory.question.timed(self.folder, 'resnet50', 16, self.folder, options)

    def test_steps_of_each_budget_are_timed_in_turns_and_what_computes_too_much_again_is_told_unmeasured(self):
        found = self.measured()
        self.assertGreater(len(found['budgets']), 4)
        self.assertEqual(2, len(found['budgets'][0]['seconds']))
        told = time_over_memory.question.table([found], ['batchwise'])
        self.assertIn('the smallest | 18 MiB | 27% | | 900% | not measured', told)
        self.assertIn('<svg', time_over_memory.question.picture([found], {}))

    def test_a_budget_that_dies_costs_its_own_row(self):
        budget = self.measured()['budgets'][1]['budget']
        found = self.measured(dies_at=budget)
        self.assertNotIn(budget, [each['budget'] for each in found['budgets']])
        self.assertIn('died: ended with 3', time_over_memory.question.table([found], ['batchwise']))


if __name__ == '__main__':
    unittest.main()
