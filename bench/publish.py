#!/usr/bin/env python3
# Puts the tables of bench/results/ between their marks in README.md, and the picture into docs/.
import os
import re
import shutil

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)


def main():
    path = os.path.join(ROOT, 'README.md')
    text = open(path).read()
    for question in re.findall(r'<!-- begin (\w+) -->', text):
        table = os.path.join(HERE, 'results', question + '.md')
        if os.path.exists(table):
            text = re.sub(rf'(<!-- begin {question} -->\n).*?(<!-- end {question} -->)',
                          lambda match, table=table: match[1] + open(table).read() + match[2], text, flags=re.S)
    with open(path, 'w') as file:
        file.write(text)
    picture = os.path.join(HERE, 'results', 'memory_over_batch_size.svg')
    if os.path.exists(picture):
        shutil.copyfile(picture, os.path.join(ROOT, 'docs', 'memory_over_batch_size.svg'))


main()
