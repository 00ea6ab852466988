# The Python environment that the peers are installed into, from PyPI.
import json
import os
import subprocess
import sys

# The newest releases at the time of writing; the versions that were measured are recorded with every result.
PACKAGES = ['torch==2.15.0', 'tensorflow-cpu', 'keras==3.15.1', 'numpy', 'pillow', 'scikit-image', 'scikit-learn']


def install(build):
    folder = os.path.join(build, 'bench-venv')
    python = os.path.join(folder, 'bin/python')
    if not os.path.exists(python):
        subprocess.run([sys.executable, '-m', 'venv', folder], check=True)
    if subprocess.run([python, '-c', 'import torch, tensorflow, keras, numpy, PIL, skimage, sklearn'], capture_output=True).returncode != 0:
        print('installing the peers from PyPI (about 4 GB)', flush=True)
        subprocess.run([python, '-m', 'pip', 'install', '--quiet', '--no-cache-dir', *PACKAGES], check=True)


def versions(build):
    code = ('import json, importlib.metadata as m; '
            "print(json.dumps({n: m.version(n) for n in ('torch', 'tensorflow-cpu', 'keras', 'numpy')}))")
    python = os.path.join(build, 'bench-venv/bin/python')
    return json.loads(subprocess.run([python, '-c', code], capture_output=True, text=True, check=True).stdout)
