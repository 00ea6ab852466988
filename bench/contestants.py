# The contestants as processes that answer requests: how each is started, and what it is called in tables.
import os
import queue
import subprocess
import sys
import threading
import time

from programs import last_line

HERE = os.path.dirname(os.path.abspath(__file__))
ANSWERS = ('losses', 'outputs', 'ready', 'seconds', 'peak')
LIMIT = 20 * 60  # seconds that an answer may take: the slowest, which compile a deep network, take some minutes
LOOKS_AGAIN = 5  # seconds after which one that is silent is looked at: has it ended?
TO_END = 30      # seconds
NAMES = {
    'batchwise': ('batchwise', 'batchwise', ''),
    'pytorch-eager': ('PyTorch eager', 'pytorch', 'eager'),
    'pytorch-compile': ('PyTorch compiled', 'pytorch', 'compile'),
    'keras': ('Keras/TF', 'keras_tensorflow', 'plain'),
    'keras-xla': ('Keras/TF XLA', 'keras_tensorflow', 'xla'),
}
# Asked by the question bfloat16 alone.
BFLOAT16 = {
    'batchwise-bfloat16': ('batchwise, bfloat16', 'batchwise', 'mixed_bfloat16'),
    'pytorch-eager-bfloat16': ('PyTorch eager, autocast', 'pytorch', 'eager-bfloat16'),
    'pytorch-compile-bfloat16': ('PyTorch compiled, autocast', 'pytorch', 'compile-bfloat16'),
}


def title(name):
    return (NAMES | BFLOAT16).get(name, (name,))[0]


def command(question, name, build, arguments):
    _, stem, variant = (NAMES | BFLOAT16)[name]
    if stem == 'batchwise':
        return [os.path.join(build, f'bench_{question}'), *arguments, *([f'dtype={variant}'] if variant else [])]
    # -P: a file keras.py or torch.py beside the script must not stand for the package.
    return [os.path.join(build, 'bench-venv/bin/python'), '-P', os.path.join(HERE, question, stem + '.py'), *arguments, variant]


def environment(build):
    return dict(os.environ, PYTHONPATH=HERE, TF_CPP_MIN_LOG_LEVEL='3', KERAS_BACKEND='tensorflow',
                TORCHINDUCTOR_CACHE_DIR=os.path.join(os.path.abspath(build), 'bench-torch-cache'))


class Failed(Exception):
    """Why a contestant gets no number, in the few words that a table has room for."""


class Contestant:
    """One running contestant, of the question training_step unless `argv` says otherwise; see conversation.py for the requests."""

    loaded = set()

    def __init__(self, name, build, case, folder, batch_size, log, argv=None):
        self.name = name
        self.log = open(log, 'w')
        self.process = subprocess.Popen(
            argv or command('training_step', name, build, [case, folder, str(batch_size)]), env=environment(build), text=True,
            errors='replace', stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log)
        self.lines = queue.SimpleQueue()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        self.loaded.add(self)

    def read(self):
        """Puts what it says into `lines`, then None: in a thread, since waiting for a pipe cannot be given up."""
        with self.process.stdout as said:
            for line in said:
                self.lines.put(line)
        self.lines.put(None)

    def next_line(self, until):
        """What it says next; None when it has ended. One that is silent until then (time.monotonic()) is killed."""
        while True:
            try:
                line = self.lines.get(timeout=max(0.01, min(LOOKS_AGAIN, until - time.monotonic())))
            except queue.Empty:
                if self.process.poll() is None and time.monotonic() >= until:
                    self.process.kill()
                    raise Failed(f'gave no answer in {LIMIT / 60:g} minutes') from None
                if self.process.poll() is None:
                    continue
                line = None  # it ended, and a process that it left behind holds its pipe
            if line is None:
                self.lines.put(None)  # for whoever asks next
            return line

    def ask(self, *words):
        try:
            self.process.stdin.write(' '.join(map(str, words)) + '\n')
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        until = time.monotonic() + LIMIT
        while (line := self.next_line(until)) is not None:
            answer = line.split()
            if answer and answer[0] in ANSWERS:
                return [float(value) for value in answer[1:]]
        code = self.end()
        raise Failed(f'ended by signal {-code}' if code < 0 else f'ended with {code}')

    def end(self):
        """Its exit code; one that does not end is killed."""
        try:
            return self.process.wait(TO_END)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def close(self):
        """Ends the process and gives its peak resident bytes; 0 when it does not answer."""
        try:
            peak = self.ask('quit')[0]
        except (Failed, IndexError):
            print(f'  {title(self.name)} died: {last_line(self.log.name)} (see {self.log.name})', file=sys.stderr)
            peak = 0
        try:
            self.process.stdin.close()
        except BrokenPipeError:  # a request that nobody read
            pass
        self.end()
        self.reader.join(TO_END)
        self.log.close()
        self.loaded.discard(self)
        return int(peak)


def end_loaded():
    """Ends those that a question which stopped has left: they would take memory and cores from the next."""
    for contestant in list(Contestant.loaded):
        contestant.process.kill()
        contestant.close()


def start(build, question, case, folder, batch_size, *words, rows=''):
    """batchwise's training steps, past the first two; `words` go to the program. For questions that ask batchwise alone."""
    log = os.path.join(build, '-'.join([f'bench-{question}-{case.name}-{batch_size}', *words, *map(str, [rows] if rows else [])]) + '.log')
    contestant = Contestant('batchwise', build, case.name, folder, batch_size, log,
                            [*command('training_step', 'batchwise', build, [case.name, folder, str(batch_size)]), *words])
    try:
        contestant.ask('train', rows)
        contestant.ask('steps', 1)
    except Failed:
        contestant.close()
        raise
    return contestant
