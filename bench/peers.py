# The Python environment that the peers are installed into, from PyPI.
import json
import os
import sys

import programs

# The newest releases at the time of writing; the versions that were measured are recorded with every result.
PACKAGES = ['torch==2.15.0', 'tensorflow-cpu==2.21.0', 'keras==3.15.1', 'numpy', 'pillow', 'scikit-image', 'scikit-learn']

# Asks what is written of the packages and imports none: that would take some seconds each.
VERSIONS = '''
import importlib.metadata, json, sys
found = {}
for name in sys.argv[1:]:
    try:
        found[name] = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        pass
print(json.dumps(found))
'''


def python(build):
    return os.path.join(build, 'bench-venv/bin/python')


def versions(build):
    """{package: version} of those that are installed."""
    argv = [python(build), '-c', VERSIONS, *(package.split('==')[0] for package in PACKAGES)]
    return json.loads(programs.run("reading the peers' versions", argv, os.path.join(build, 'bench-peers.log'), again(build)))


def missing(found):
    """The packages that are not installed, or not in the version that is asked for; 2.15.0+cpu is a 2.15.0."""
    wanted = {name: version for name, _, version in (package.partition('==') for package in PACKAGES)}
    return [name for name, version in wanted.items() if name not in found or version and found[name].split('+')[0] != version]


def again(build):
    return f'PyPI must be within reach, and 4 GB free in {build}; if that is so, delete {build}/bench-venv and run again.'


def install(build):
    log = os.path.join(build, 'bench-peers.log')
    if not os.path.exists(python(build)):
        programs.run('making the Python environment of the peers', [sys.executable, '-m', 'venv', os.path.join(build, 'bench-venv')], log,
                     '`make setup` installs the Debian package python3-venv.')
    lacking = missing(versions(build))
    if lacking:
        print(f"installing the peers from PyPI (about 4 GB), for {', '.join(lacking)}", flush=True)
        pip = [python(build), '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-cache-dir', *PACKAGES]
        programs.run('installing the peers', pip, log, again(build))
