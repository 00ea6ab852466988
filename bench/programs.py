# Programs that a run needs besides its contestants: what they say is kept in a log, and one that fails is told of in a line.
import os
import subprocess

from broken import Broken


def last_line(log):
    """The last words of a log: of a Python program that failed, the exception."""
    try:
        with open(log, errors='replace') as file:
            lines = [line.strip() for line in file if line.strip()]
    except OSError:
        return ''
    return lines[-1] if lines else ''


def run(what, argv, log, cure, words=''):
    """What the program prints. `what`: its work, as the subject of a sentence; `words` go to its standard input."""
    os.makedirs(os.path.dirname(os.path.abspath(log)), exist_ok=True)
    with open(log, 'w') as file:
        try:
            done = subprocess.run(argv, input=words, text=True, stdout=subprocess.PIPE, stderr=file)
        except OSError as fault:
            raise Broken(f'[{log}] {what} must start. Got {fault}. {cure}') from None
        if done.returncode and not file.tell():  # venv says what it lacks on standard output
            file.write(done.stdout)
    if done.returncode:
        told = last_line(log).rstrip('.')
        raise Broken(f"[{log}] {what} must end with 0. Got {done.returncode}{': ' * bool(told)}{told}. {cure}")
    return done.stdout
