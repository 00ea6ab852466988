#!/usr/bin/env python3
# Checks what no compiler checks: file sizes, first lines, names, and that folders include only what they may use.
import os
import re
import subprocess
import sys

LONG, TOO_LONG = 300, 400
FOLDERS = ['bench', 'cmake', 'examples', 'include', 'src', 'tests', 'tools']
# As the noun of a name; "common_arguments" says what is common.
FORBIDDEN_NAMES = re.compile(r'(^|_)(util|utils|helper|helpers|common|manager|misc)\.')
FORBIDDEN_WORDS = re.compile(r'\b(TODO|FIXME|XXX|HACK)\b')
# Parts of data sets and formats that people write for us are not ours to shorten.
SOURCE = re.compile(r'\.(h|cpp|py|sh|cmake)$')
COMMENT = {'h': '//', 'cpp': '//', 'py': '#', 'sh': '#', 'cmake': '#'}


def files():
    """What git does not ignore; in a tree that is no checkout, or not this user's, all that lies in the folders of sources."""
    listed = subprocess.run(['git', 'ls-files', '--cached', '--others', '--exclude-standard'], capture_output=True, text=True)
    if listed.returncode == 0:
        paths = set(listed.stdout.split('\n')[:-1])
    else:
        paths = {os.path.join(at, name) for top in FOLDERS for at, _, names in os.walk(top) for name in names}
    return sorted(path for path in paths if os.path.exists(path))


def folders():
    """The targets of src/ and what each may use, read from CMakeLists.txt: {name: (path, {names})}."""
    found = {}
    for call in re.findall(r'^batchwise_folder\(([^)]*)\)', open('CMakeLists.txt').read(), re.M):
        words = call.split()
        name, path, uses, key = words[0], words[0], set(), ''
        for word in words[1:]:
            if word in ('PATH', 'DEPENDS', 'LIBRARIES'):
                key = word
            elif key == 'PATH':
                path = word
            elif key == 'DEPENDS':
                uses |= {word} | found[word][1]
        found[name] = (path, uses)
    found['cli'] = ('cli', set(found))
    return found


def folder_of(path, known):
    """The innermost target whose path holds `path` (relative to src/)."""
    holders = [(len(at), name) for name, (at, _) in known.items() if path.startswith(at + '/')]
    return max(holders)[1] if holders else None


def check_includes(path, lines, known):
    here = folder_of(path[len('src/'):], known)
    if here is None:
        yield f'{path}:1: lies in no folder that CMakeLists.txt names'
        return
    test = path.endswith('_test.cpp')
    for number, line in enumerate(lines, 1):
        match = re.match(r'#include "([^"]+)"', line)
        if not match:
            continue
        there = folder_of(match[1], known)
        if there is None and not (test and match[1].startswith('tests/')):
            yield f'{path}:{number}: "{match[1]}" is not named by its path below src/'
        elif there is not None and there != here and there not in known[here][1]:
            yield f'{path}:{number}: {here} may not use {there}'


def circles(includes):
    """Folders of one target that include each other in a circle; `includes` is {(folder, folder): where}, of folders inside targets."""
    uses = {}
    for one, other in includes:
        uses.setdefault(one, set()).add(other)

    def reached(start):
        found, ahead = set(), [start]
        while ahead:
            for other in uses.get(ahead.pop(), ()):
                if other not in found:
                    found.add(other)
                    ahead.append(other)
        return found

    for (one, other), where in sorted(includes.items()):
        if one in reached(other):
            yield f'{where}: {one} uses {other}, which uses {one}'


def inner_includes(path, lines, known):
    """{(folder, folder): where} of one file's includes from one folder inside a target into another of the same target."""
    found, target = {}, folder_of(path[len('src/'):], known)
    if target is None or path.endswith('_test.cpp'):
        return found
    root = known[target][0] + '/'

    def inside(file):
        rest = file[len(root):] if file.startswith(root) else ''
        return root + rest.split('/')[0] if '/' in rest else None

    for number, line in enumerate(lines, 1):
        match = re.match(r'#include "([^"]+)"', line)
        if match and folder_of(match[1], known) == target:
            one, other = inside(path[len('src/'):]), inside(match[1])
            if one and other and one != other:
                found[one, other] = f'{path}:{number}'
    return found


def check_file(path, known):
    kind = path.rsplit('.', 1)[-1]
    lines = open(path, encoding='utf-8').read().split('\n')
    if len(lines) - 1 > TOO_LONG:
        yield f'{path}:{len(lines) - 1}: more than {TOO_LONG} lines'
    elif len(lines) - 1 > LONG:
        print(f'warning: {path}: {len(lines) - 1} lines, more than about {LONG}')
    first = next((line for line in lines if not line.startswith('#!')), '')
    opening = re.escape(COMMENT[kind]) + ' ' + ('|"""' if kind == 'py' else '')
    if not re.match(rf'({opening})\S.{{6,}}', first):
        yield f'{path}:1: the first line must be a comment that says what the file is'
    if FORBIDDEN_NAMES.search(path.rsplit('/', 1)[-1]):
        yield f'{path}:1: a file is named by its concept'
    if path != 'tools/check_sources.py':
        for number, line in enumerate(lines, 1):
            if FORBIDDEN_WORDS.search(line):
                yield f'{path}:{number}: {line.strip()}'
    if path.startswith('src/') and kind in ('h', 'cpp'):
        yield from check_includes(path, lines, known)
    # report/ draws what the library reports.
    if kind in ('h', 'cpp') and path.startswith('src/') and not path.startswith(('src/cli/', 'src/report/')) and not path.endswith(('_test.cpp', '_fuzz.cpp')):
        for number, line in enumerate(lines, 1):
            if re.search(r'\bstd::(cout|cerr|exit|abort|terminate)\b|\b(printf|abort|exit)\(', line.split('//')[0]):
                yield f'{path}:{number}: the library never prints, exits or aborts'


def main():
    os.chdir(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    known = folders()
    faults, checked, inner = [], 0, {}
    for path in files():
        if SOURCE.search(path) and not path.startswith('tests/golden/'):
            checked += 1
            faults += check_file(path, known)
            if path.startswith('src/'):
                inner.update(inner_includes(path, open(path, encoding='utf-8').read().split('\n'), known))
    faults += circles(inner)
    # A list that came out empty would let everything pass.
    if checked < 100:
        faults.append(f'only {checked} files of sources were found')
    print('\n'.join(faults))
    print(f'{checked} files checked, {len(faults)} faults of source rules')
    return 1 if faults else 0


sys.exit(main())
