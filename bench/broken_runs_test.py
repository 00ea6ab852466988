#!/usr/bin/env python3
# What becomes of a run of bench/ that is broken off, lacks something or hangs; bench_test.py runs these tests with its own.
import contextlib
import dataclasses
import io
import os
import sys
import tempfile
import time
import types
import unittest
from unittest import mock

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import contestants  # noqa: E402
import floor  # noqa: E402
import inputs  # noqa: E402
import lanes.instructions  # noqa: E402
import peers  # noqa: E402
import run  # noqa: E402
import whole_files  # noqa: E402
from broken import Broken  # noqa: E402
from cases import CASES  # noqa: E402
from results import Results  # noqa: E402


class Folder(unittest.TestCase):
    """A test with a folder of its own, and nothing printed."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        for stream in ('stdout', 'stderr'):
            silent = mock.patch('sys.' + stream, io.StringIO())
            silent.start()
            self.addCleanup(silent.stop)

    def at(self, *names):
        return os.path.join(self.folder, *names)

    def write(self, text, *names):
        os.makedirs(os.path.dirname(self.at(*names)), exist_ok=True)
        with open(self.at(*names), 'w') as file:
            file.write(text)

    def peers_python(self, program):
        """Stands for the Python of the peers; `program` is of sh."""
        self.write('#!/bin/sh\n' + program, 'bench-venv', 'bin', 'python')
        os.chmod(self.at('bench-venv', 'bin', 'python'), 0o755)


class Inputs(Folder):
    def fill(self, case, folder):
        for name in inputs.FILES:
            self.write(case.name, folder, name)

    def written(self, case):
        with mock.patch.object(inputs, 'fill', self.fill):
            inputs.write(case, self.at('inputs'))

    def test_what_a_killed_run_was_writing_is_not_taken_for_the_inputs(self):
        case = CASES['mlp']

        def killed(case, folder):
            self.write('half', folder, 'x.npy')
            raise KeyboardInterrupt

        with mock.patch.object(inputs, 'fill', killed), self.assertRaises(KeyboardInterrupt):
            inputs.write(case, self.at('inputs'))
        self.assertFalse(inputs.ready(case, self.at('inputs')))
        self.written(case)
        self.assertTrue(inputs.ready(case, self.at('inputs')))
        self.assertEqual(['inputs'], os.listdir(self.folder))

    def test_a_changed_case_or_network_makes_the_inputs_of_before_stale(self):
        self.written(CASES['mlp'])
        self.assertTrue(inputs.ready(CASES['mlp'], self.at('inputs')))
        self.assertFalse(inputs.ready(dataclasses.replace(CASES['mlp'], rows=7), self.at('inputs')))
        os.makedirs(self.at('networks'))
        for name in ('inputs.py', 'networks/keras_networks.py'):
            self.write('another', name)
        with mock.patch.object(inputs, 'HERE', self.folder):
            self.assertFalse(inputs.ready(CASES['mlp'], self.at('inputs')))

    def test_inputs_without_a_fingerprint_or_without_a_file_are_written_anew(self):
        for name in ('fingerprint', 'weights.npz'):
            self.written(CASES['mlp'])
            os.remove(self.at('inputs', name))
            self.assertFalse(inputs.ready(CASES['mlp'], self.at('inputs')))

    def test_a_folder_of_few_rows_is_named_by_how_many(self):
        with mock.patch.object(inputs, 'write_in') as asked:
            folder = lanes.instructions.few_rows(self.folder, self.folder, 'mlp')
        self.assertEqual(self.at('mlp-1024-rows'), folder)
        asked.assert_called_once_with(self.folder, [('mlp', 1024, folder)])


class Causes(Folder):
    FAILS = "echo 'FileNotFoundError: no such file' >&2; exit 1"

    def test_inputs_that_cannot_be_written_are_told_of_with_the_reason_and_the_cure(self):
        self.peers_python(self.FAILS)
        for data, cure in ((self.at('nowhere'), 'make setup'), (self.folder, 'delete')):
            with mock.patch.object(inputs, 'FASHION_MNIST', data), self.assertRaises(Broken) as told:
                inputs.write_in(self.folder, [('mlp', 0, self.at('inputs'))])
            self.assertRegex(str(told.exception), rf'^\[.*bench-inputs.log\][^\n]*Got 1: FileNotFoundError: no such file\.[^\n]*{cure}')
        with open(self.at('bench-inputs.log')) as log:
            self.assertIn('no such file', log.read())

    def test_a_floor_that_cannot_be_measured_is_told_of_with_the_reason_and_the_cure(self):
        self.peers_python(self.FAILS)
        with self.assertRaisesRegex(Broken, r'bench-floor.log\].*Got 1: FileNotFoundError: no such file\. Delete'):
            floor.ask(self.folder)

    def test_instructions_that_cannot_be_counted_are_told_of_with_the_reason_and_the_cure(self):
        with mock.patch.dict(os.environ, PATH='/nowhere'), self.assertRaisesRegex(Broken, r'must start\..*valgrind.*make setup'):
            lanes.instructions.threads_of(self.folder, 'mlp', self.folder, 8, 1, [])


class Peers(Folder):
    def install(self, **found):
        """The words that pip is called with, where these versions are installed."""
        installed = {package.split('==')[0]: package.partition('==')[2] or '1' for package in peers.PACKAGES}
        installed.update({name.replace('_', '-'): version for name, version in found.items()})
        program = 'case "$*" in *"-m pip"*) echo "$@" > pip;; *) echo \'{}\';; esac'.replace('pip;;', self.at('pip') + ';;', 1)
        self.peers_python(program.format(str({n: v for n, v in installed.items() if v}).replace("'", '"')))
        peers.install(self.folder)
        if os.path.exists(self.at('pip')):
            with open(self.at('pip')) as file:
                return file.read().split()
        return []

    def test_peers_in_their_versions_are_left_as_they_are(self):
        self.assertEqual([], self.install(torch='2.15.0+cpu'))

    def test_another_version_or_a_missing_package_is_installed(self):
        for found in (dict(tensorflow_cpu='2.20.0'), dict(pillow=None)):
            self.assertIn('tensorflow-cpu==2.21.0', self.install(**found))
            os.remove(self.at('pip'))

    def test_every_contestant_is_pinned(self):
        for name in ('torch', 'tensorflow-cpu', 'keras'):
            self.assertTrue(any(package.startswith(name + '==') for package in peers.PACKAGES), name)

    def test_peers_that_cannot_be_installed_are_told_of_with_the_reason_and_the_cure(self):
        self.peers_python('case "$*" in *"-m pip"*) echo "ERROR: no route" >&2; exit 1;; *) echo {};; esac')
        with self.assertRaisesRegex(Broken, r'bench-peers.log\].*Got 1: ERROR: no route\. PyPI'):
            peers.install(self.folder)


class Hanging(Folder):
    def begin(self, program):
        return contestants.Contestant('batchwise', self.folder, 'mlp', self.folder, 8, self.at('log'),
                                      [sys.executable, '-S', '-E', '-c', program])

    def test_one_that_gives_no_answer_is_killed_and_loses_only_its_numbers(self):
        contestant = self.begin('import time; time.sleep(600)')
        with mock.patch.object(contestants, 'LIMIT', 0.2), self.assertRaisesRegex(contestants.Failed, 'gave no answer in'):
            contestant.ask('train')
        self.assertEqual(0, contestant.close())
        self.assertEqual(-9, contestant.process.returncode)

    def test_one_that_ends_is_noticed_though_its_child_holds_the_pipe(self):
        program = "import subprocess; print(subprocess.Popen(['sleep', '600']).pid, flush=True); raise SystemExit(3)"
        with mock.patch.multiple(contestants, LOOKS_AGAIN=0.1, TO_END=0.1):
            contestant = self.begin(program)
            child = int(contestant.next_line(time.monotonic() + 60))
            try:
                with self.assertRaisesRegex(contestants.Failed, 'ended with 3'):
                    contestant.ask('train')
                self.assertEqual(0, contestant.close())
            finally:
                os.kill(child, 9)

    def test_a_contestant_that_died_is_told_of_with_its_last_words(self):
        contestant = self.begin("raise SystemExit('no memory')")
        contestant.close()
        self.assertIn('no memory', sys.stderr.getvalue())

    def test_those_that_a_stopped_question_left_are_ended(self):
        contestant = self.begin('import time; time.sleep(600)')
        contestants.end_loaded()
        self.assertIsNotNone(contestant.process.returncode)
        self.assertFalse(contestants.Contestant.loaded)


class Runs(Folder):
    """Runs that ask made-up questions, without peers, inputs and floor."""

    WITHOUT = {'peers.install': None, 'peers.versions': dict.fromkeys(('torch', 'keras', 'tensorflow-cpu'), '1'), 'inputs.write_in': None,
               'floor.ask': 1e11}

    def exit_code(self, **questions):
        """Of a run of questions: functions that give rows."""
        def module(name):
            table = lambda answers, names: ', '.join(answer['title'] for answer in answers)  # noqa: E731
            return types.SimpleNamespace(ask=lambda *_: questions[name.split('.')[0]](), table=table)

        argv = ['run.py', '--build', self.folder, '--out', self.folder, '--questions', ','.join(questions)]
        with contextlib.ExitStack() as replaced:
            for name, found in self.WITHOUT.items():
                replaced.enter_context(mock.patch(name, lambda *_, found=found: found))
            replaced.enter_context(mock.patch('sys.argv', argv))
            replaced.enter_context(mock.patch('importlib.import_module', module))
            return run.main()

    def rows(self, question):
        return [answer['title'] for answer in Results(self.folder, question, None).answers]

    def one_row(self):
        yield dict(case='mlp', title='MLP', batch_size=8, results={})

    def stopped(self):
        yield from self.one_row()
        raise KeyError('a mistake')

    def test_a_mistake_in_one_question_keeps_its_rows_and_the_next_is_asked(self):
        self.assertEqual(1, self.exit_code(lanes=self.stopped, inference=self.one_row))
        self.assertEqual((['MLP'], ['MLP']), (self.rows('lanes'), self.rows('inference')))
        self.assertRegex(sys.stdout.getvalue(), r"lanes stopped: KeyError: 'a mistake' \(see .*bench-lanes-stopped.log\)\n")
        with open(self.at('bench-lanes-stopped.log')) as log:
            self.assertIn('in stopped', log.read())

    def test_a_run_that_nothing_stopped_ends_well_and_says_where_its_rows_were_measured(self):
        self.assertEqual(0, self.exit_code(inference=self.one_row))
        with open(self.at('inference.md')) as file:
            self.assertIn('9 turns of 2 s', file.read())

    def test_results_that_cannot_be_read_are_told_of_in_a_line_before_anything_is_measured(self):
        self.assertEqual(0, self.exit_code(inference=self.one_row))
        with open(self.at('inference.json')) as file:
            whole = file.read()
        for broken in (whole[:-9], '[]', '{"answers": [{}]}', '\0'):
            self.write(broken, 'inference.json')
            sys.stderr.truncate(0)
            self.assertEqual(1, self.exit_code(lanes=self.one_row, inference=self.one_row))
            self.assertRegex(sys.stderr.getvalue(), r'^\0*bench: \[.*inference.json\] results must be .*\. Got .*\. Move[^\n]*\n$')
        self.assertFalse(os.path.exists(self.at('lanes.json')))

    def test_a_file_that_is_not_written_to_its_end_stays_as_it_was(self):
        whole_files.write(self.at('file'), 'before')
        with self.assertRaises(UnicodeEncodeError):
            whole_files.write(self.at('file'), 'after' * 10000 + '\ud800')
        with open(self.at('file')) as file:
            self.assertEqual('before', file.read())


if __name__ == '__main__':
    unittest.main()
