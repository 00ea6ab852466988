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
    pass


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
        self.process.wait()
        raise Failed(f'{title(self.name)} ended with {self.process.returncode}, see {self.log.name}')

    def close(self):
        """Ends the process and gives its peak resident bytes; 0 when it does not answer."""
        try:
            peak = self.ask('quit')[0]
        except Failed as fault:
            print(fault, file=sys.stderr)
            peak = 0
        self.process.stdin.close()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
        return int(peak)
