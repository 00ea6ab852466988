# The contestants as processes that answer requests: how each is started, and what it is called in tables.
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
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

    def __init__(self, name, build, case, folder, batch_size, log, argv=None):
        self.name = name
        self.log = open(log, 'w')
        self.process = subprocess.Popen(
            argv or command('training_step', name, build, [case, folder, str(batch_size)]), env=environment(build), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log)

    def ask(self, *words):
        try:
            self.process.stdin.write(' '.join(map(str, words)) + '\n')
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        for line in self.process.stdout:
            answer = line.split()
            if answer and answer[0] in ('losses', 'outputs', 'ready', 'seconds', 'peak'):
                return [float(value) for value in answer[1:]]
        code = self.process.wait()
        raise Failed(f'ended by signal {-code}' if code < 0 else f'ended with {code}')

    def close(self):
        """Ends the process and gives its peak resident bytes; 0 when it does not answer."""
        try:
            peak = self.ask('quit')[0]
        except (Failed, IndexError):
            print(f'  {title(self.name)} died, see {self.log.name}', file=sys.stderr)
            peak = 0
        try:
            self.process.stdin.close()
        except BrokenPipeError:  # a request that nobody read
            pass
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.log.close()
        return int(peak)


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
