# Files that are whole: a run that is killed while it writes leaves the one from before.
import json
import os

from broken import Broken


def write(path, text):
    part = path + '.part'
    with open(part, 'w') as file:
        file.write(text)
    os.replace(part, path)


def read_json(path, fits, rule):
    """What a file says; one that is cut off, or that does not fit, is refused. `rule`: what fits, in words."""
    try:
        with open(path) as file:
            found = json.load(file)
        if fits(found):
            return found
        got = f'{found!r:.60}'
    except ValueError as fault:
        got = f'{type(fault).__name__}: {fault}'
    raise Broken(f'[{path}] {rule}. Got {got}. Move the file away and its rows are measured anew, or `git checkout` it.')
