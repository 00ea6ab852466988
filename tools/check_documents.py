#!/usr/bin/env python3
# Checks that C++ shown in documents is C++ that is compiled: each ```cpp block is found, line by line, in one file of
# examples/; that links lead somewhere; and that the index of headers is whole.
import glob
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DOCUMENTS = ['README.md', 'CONTRIBUTING.md', 'docs/*.md', 'src/README.md']


def blocks(text):
    for match in re.finditer(r'^```cpp\n(.*?)^```', text, re.M | re.S):
        yield text[:match.start()].count('\n') + 1, match[1].rstrip('\n')


def main():
    sources = {path: open(path).read() for path in sorted(glob.glob(os.path.join(ROOT, 'examples/*.cpp')))}
    shown, faults = 0, []
    for pattern in DOCUMENTS:
        for path in sorted(glob.glob(os.path.join(ROOT, pattern))):
            text = open(path).read()
            name = os.path.relpath(path, ROOT)
            for line, block in blocks(text):
                shown += 1
                if not any(block in source for source in sources.values()):
                    faults.append(f'{name}:{line}: this code is in no file of examples/')
            prose = re.sub(r'^```.*?^```', '', text, flags=re.M | re.S)
            for link in re.findall(r'\]\(([^)#:]+)(?:#[^)]*)?\)', prose):
                if not os.path.exists(os.path.join(os.path.dirname(path), link)):
                    faults.append(f'{name}: there is no {link}')
            for mentioned in re.findall(r'`((?:src|tests|tools|bench|examples|docs)/[\w/.-]*\.\w+)`', text):
                if not os.path.exists(os.path.join(ROOT, mentioned)):
                    faults.append(f'{name}: there is no {mentioned}')
    index = open(os.path.join(ROOT, 'docs/headers.md')).read()
    for path in sorted(glob.glob(os.path.join(ROOT, 'include/batchwise/*.h'))):
        if f'batchwise/{os.path.basename(path)}' not in index:
            faults.append(f'docs/headers.md: {os.path.basename(path)} is missing')
    # A pattern that stopped matching would let everything pass.
    if shown < 3:
        faults.append(f'only {shown} blocks of C++ were found in the documents')
    print('\n'.join(faults))
    print(f'{shown} blocks of C++ and all links checked, {len(faults)} faults')
    return 1 if faults else 0


sys.exit(main())
