#!/usr/bin/env python3
# Shows bench/results/ again with the code of today, makes a page of it, and puts its tables between their marks in README.md.
import importlib
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
RESULTS = os.path.join(HERE, 'results')
ELSEWHERE = {'avx2': '(on cores with AVX2 alone)'}  # folders of other machines' results
sys.path.insert(0, HERE)

from results import Results  # noqa: E402
from run import QUESTIONS  # noqa: E402


def asked(question):
    """The question in words: what the first line of its file asks."""
    with open(os.path.join(HERE, question, 'question.py')) as file:
        return file.readline().lstrip('# ').split('?')[0] + '?'


def shown(question, folder=''):
    """Table and picture from the JSON, and the part of the page that holds them; nothing where it was never measured."""
    path = os.path.join(RESULTS, folder)
    if not os.path.exists(os.path.join(path, question + '.json')):
        return ''
    Results(path, question, importlib.import_module(f'{question}.question')).write()
    with open(os.path.join(path, question + '.md')) as file:
        table = file.read()
    has_picture = os.path.exists(os.path.join(path, question + '.svg'))
    heading = f'## {asked(question)}' + (f' {ELSEWHERE[folder]}' if folder else '')
    return f'{heading}\n\n' + (f'![{asked(question)}]({os.path.join(folder, question)}.svg)\n\n' if has_picture else '') + table + '\n'


def main():
    parts = [shown(question, folder) for question in QUESTIONS for folder in ('', *ELSEWHERE)]
    with open(os.path.join(RESULTS, 'README.md'), 'w') as file:
        file.write('# What was measured\n\nHow: [bench/README.md](../README.md). What limits each: '
                   '[docs/performance.md](../../docs/performance.md).\n\n' + ''.join(parts).rstrip('\n') + '\n')
    path = os.path.join(ROOT, 'README.md')
    with open(path) as file:
        text = file.read()
    for question in re.findall(r'<!-- begin (\w+) -->', text):
        table = os.path.join(RESULTS, question + '.md')
        if os.path.exists(table):
            text = re.sub(rf'(<!-- begin {question} -->\n).*?(<!-- end {question} -->)',
                          lambda match, table=table: match[1] + open(table).read() + match[2], text, flags=re.S)
    with open(path, 'w') as file:
        file.write(text)


if __name__ == '__main__':
    main()
