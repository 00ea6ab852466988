# The results of a question as they lie in a folder: rows of perhaps several runs, each with when and where it was measured.
import json
import os

import whole_files
from cases import CASES
from contestants import NAMES, title
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


def kind(measured):
    """What tells apart processors of one name, which a run may not have kept."""
    told = [f"family {measured['family']} model {measured['model']}"] if 'family' in measured else []
    told += [measured['instruction_set']] if 'instruction_set' in measured else []
    return f" ({', '.join(told)})" if told else ''


def sources(measured):
    return f"commit {measured['commit']}{' with changes' * measured['changed']}" if 'commit' in measured else ''


def sentence(measured):
    """Where and when; of a fact that a run did not keep, or that does not hold for it, nothing is said."""
    versions = measured['versions']
    told = [f"{measured['cores']} cores of {measured['processor']}{kind(measured)}",
            f"{measured['memory_gib']:g} GiB" if 'memory_gib' in measured else '',
            f"f32 matrix product {measured['flops_per_second'] / 1e9:.0f} GFLOP/s",
            f"PyTorch {versions['torch']}", f"Keras {versions['keras']} on TensorFlow {versions['tensorflow-cpu']}",
            sources(measured), measured.get('turns', ''), measured['date'], 'quick run' if measured['quick'] else '']
    return ', '.join(filter(None, told)) + '.'


def note(answers):
    """Where and when the rows were measured: a sentence, or one of each run that some of them are of."""
    runs = {}
    for answer in answers:
        runs.setdefault(sentence(answer['measured']), []).append(answer)
    if len(runs) == 1:
        return next(iter(runs))
    (most, _), *others = sorted(runs.items(), key=lambda run: -len(run[1]))
    return '\n'.join([f"- {'; '.join(dict.fromkeys(map(name_of, rows)))}: {told}" for told, rows in others] + [f'- All else: {most}'])


def rows_lie_in(found):
    rows = found.get('answers') if isinstance(found, dict) else None
    return isinstance(rows, list) and all(isinstance(answer, dict) and 'measured' in answer for answer in rows)


class Results:
    """The rows of one question in a folder. A run changes those that it measured, with all contestants that they had."""

    def __init__(self, folder, question, module):
        self.path, self.module, self.answers, self.mine = os.path.join(folder, question), module, [], []
        if os.path.exists(self.path + '.json'):
            self.answers = whole_files.read_json(self.path + '.json', rows_lie_in, 'results must be {"answers": [rows]}')['answers']

    def add(self, answer, measured):
        answer = dict(answer, measured=measured)
        self.mine.append(answer)
        for i, old in enumerate(self.answers):
            if row_of(self.module, old) == row_of(self.module, answer):
                missing = said_of(old) - said_of(answer)
                if missing:
                    lacks = ', '.join(sorted(missing))
                    say(f'kept the older row of {name_of(answer)} in {self.path}.md: this run lacks {lacks}')
                else:
                    self.answers[i] = answer
                return
        self.answers = sorted([*self.answers, answer], key=place)

    def table(self, answers):
        return self.module.table(answers, list(NAMES))

    def write(self):
        whole_files.write(self.path + '.json', json.dumps(dict(answers=self.answers), indent=1) + '\n')
        whole_files.write(self.path + '.md', f'{self.table(self.answers)}\n\n{note(self.answers)}\n')
        drawn = self.module.picture(self.answers, {name: title(name) for name in NAMES}) if hasattr(self.module, 'picture') else None
        if drawn:
            whole_files.write(self.path + '.svg', drawn)
