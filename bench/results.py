# The results of a question as they lie in a folder: rows of perhaps several runs, each with when and where it was measured.
import json
import os

from cases import CASES
from contestants import NAMES
from progress import say


def row_of(module, answer):
    """What tells a row of a question from its others."""
    return module.row(answer) if hasattr(module, 'row') else (answer['case'], answer['batch_size'])


def said_of(answer):
    """The contestants that a row says something of."""
    return {name for part in ('results', 'died', 'refused', 'memory') for name in answer.get(part, {})}


def place(answer):
    known = list(CASES)
    return known.index(answer['case']) if answer.get('case') in known else len(known), answer.get('batch_size', 0)


def name_of(answer):
    title = answer.get('title') or answer.get('case') or answer['network']
    return f"{title}, batch {answer['batch_size']}" if 'batch_size' in answer else title


def sentence(measured):
    return (f"{measured['cores']} cores of {measured['processor']}, f32 matrix product {measured['flops_per_second'] / 1e9:.0f} GFLOP/s, "
            f"PyTorch {measured['versions']['torch']}, Keras {measured['versions']['keras']} "
            f"on TensorFlow {measured['versions']['tensorflow-cpu']}, {measured['date']}" + (', quick run' if measured['quick'] else '') + '.')


def note(answers):
    """Where and when the rows were measured: a sentence, or one of each run that some of them are of."""
    runs = {}
    for answer in answers:
        runs.setdefault(sentence(answer['measured']), []).append(answer)
    if len(runs) == 1:
        return next(iter(runs))
    (most, _), *others = sorted(runs.items(), key=lambda run: -len(run[1]))
    return '\n'.join([f"- {'; '.join(dict.fromkeys(map(name_of, rows)))}: {told}" for told, rows in others] + [f'- All else: {most}'])


class Results:
    """The rows of one question in a folder. A run changes those that it measured, with all contestants that they had."""

    def __init__(self, folder, question, module):
        self.path, self.module, self.answers, self.mine = os.path.join(folder, question), module, [], []
        if os.path.exists(self.path + '.json'):
            with open(self.path + '.json') as file:
                self.answers = json.load(file)['answers']

    def add(self, answer, measured):
        answer = dict(answer, measured=measured)
        self.mine.append(answer)
        for i, old in enumerate(self.answers):
            if row_of(self.module, old) == row_of(self.module, answer):
                missing = said_of(old) - said_of(answer)
                if missing:
                    say(f"kept the older row of {name_of(answer)} in {self.path}.md: this run lacks {', '.join(sorted(missing))}")
                else:
                    self.answers[i] = answer
                return
        self.answers = sorted([*self.answers, answer], key=place)

    def table(self, answers):
        return self.module.table(answers, list(NAMES))

    def write(self):
        with open(self.path + '.json', 'w') as file:
            json.dump(dict(answers=self.answers), file, indent=1)
            file.write('\n')
        with open(self.path + '.md', 'w') as file:
            file.write(f'{self.table(self.answers)}\n\n{note(self.answers)}\n')
