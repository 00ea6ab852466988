# Writes what all contestants of a case start from: data as .npy, weights as .npz, the network as .keras.
import dataclasses
import gzip
import hashlib
import os
import shutil
import sys

import programs
from cases import CASES, OWN

HERE = os.path.dirname(os.path.abspath(__file__))
FASHION_MNIST = '/usr/share/datasets/fashion-mnist'
FILES = ('x.npy', 'y.npy', 'weights.npz', 'model.keras', 'check.keras')


def idx(name, header):
    import numpy as np
    with gzip.open(os.path.join(FASHION_MNIST, name)) as file:
        return np.frombuffer(file.read(), np.uint8, offset=header)


def samples(case):
    import numpy as np
    if case.data.startswith('fashion_mnist'):
        shape = (-1, 784) if case.data == 'fashion_mnist_flat' else (-1, 28, 28, 1)
        images = idx('train-images-idx3-ubyte.gz', 16).reshape(shape)[:case.rows]
        return images.astype(np.float32) / np.float32(255), idx('train-labels-idx1-ubyte.gz', 8)[:case.rows].astype(np.int32)
    if case.data.startswith('tokens'):
        length = int(case.data.split('_')[1])
        generator = np.random.default_rng(1)
        labels = generator.integers(0, case.classes, case.rows, dtype=np.int32)
        # Words of each class are more frequent in its sequences: the loss can fall.
        words = generator.integers(1, 20000, (case.rows, length), dtype=np.int32)
        return np.where(generator.random((case.rows, length)) < 0.2, labels[:, None] + 1, words).astype(np.int32), labels
    if case.data == 'pixels_128':
        generator = np.random.default_rng(1)
        images = generator.integers(0, 256, (case.rows, 128, 128, 3), dtype=np.uint8)
        # The class of a pixel is whether its red is the brighter half: the loss can fall.
        return images, (images[..., 0] >= 128).astype(np.int32)
    side = dict(images_128=128, images_224=224)[case.data]
    generator = np.random.default_rng(1)
    labels = generator.integers(0, case.classes, case.rows, dtype=np.int32)
    # Noise around a mean that depends on the label: the loss can fall.
    images = generator.integers(0, 200, (case.rows, side, side, 3), dtype=np.uint8)
    return images + (labels * 50 // case.classes).astype(np.uint8)[:, None, None, None], labels


def fingerprint(case):
    """What the inputs of a case follow from: another value, and those that lie there are of another case or network."""
    told = hashlib.sha256(repr(case).encode())
    for source in ('networks/keras_networks.py', 'inputs.py'):
        with open(os.path.join(HERE, source), 'rb') as file:
            told.update(file.read())
    return told.hexdigest()


def fill(case, folder):
    os.environ.update(KERAS_BACKEND='tensorflow', TF_CPP_MIN_LOG_LEVEL='3')
    import keras
    import numpy as np
    from networks import keras_networks
    x, y = samples(case)
    np.save(os.path.join(folder, 'x.npy'), x)
    np.save(os.path.join(folder, 'y.npy'), y)
    keras.utils.set_random_seed(1)
    model = keras_networks.compile_for(keras_networks.build(case), case)
    stored = {}
    for layer in model.layers:
        # Names are enough but in layers made of layers, where several are alike.
        alike = len({weight.name for weight in layer.weights}) < len(layer.weights)
        for weight in layer.weights:
            stored['/'.join(weight.path.split('/')[-3:]) if alike else f'{layer.name}/{weight.name}'] = weight.numpy()
    np.savez(os.path.join(folder, 'weights.npz'), **stored)
    model.save(os.path.join(folder, 'model.keras'))
    check = keras_networks.compile_for(keras_networks.build(case, dropout=False), case)
    check.set_weights(model.get_weights())
    check.save(os.path.join(folder, 'check.keras'))


def write(case, folder):
    """A folder that is whole, or none: what a killed run leaves has another name, and the next one begins it anew."""
    part = folder + '.part'
    shutil.rmtree(part, ignore_errors=True)
    os.makedirs(part)
    fill(case, part)
    with open(os.path.join(part, 'fingerprint'), 'w') as file:
        file.write(fingerprint(case))
    shutil.rmtree(folder, ignore_errors=True)
    os.rename(part, folder)


def ready(case, folder):
    """Are the inputs there, whole, and those of the case as it is now?"""
    try:
        with open(os.path.join(folder, 'fingerprint')) as file:
            told = file.read()
    except FileNotFoundError:
        return False
    return told == fingerprint(case) and all(os.path.exists(os.path.join(folder, name)) for name in FILES)


def with_rows(name, rows):
    """The case with so many stored rows; 0: its own."""
    case = (CASES | OWN)[name]
    return dataclasses.replace(case, rows=rows or case.rows)


def cure(build):
    if not os.path.isdir(FASHION_MNIST):
        return '`make setup` installs the Debian package dataset-fashion-mnist.'
    return f'Run again; if that fails as well, delete {build}/bench-venv, and the peers are installed anew.'


def write_in(build, wanted):
    """Writes (case, rows, folder) of `wanted` that are not there as they should be, with the Python that has Keras."""
    missing = [f'{name}:{rows}:{folder}' for name, rows, folder in wanted if not ready(with_rows(name, rows), folder)]
    if missing:
        python = os.path.join(build, 'bench-venv/bin/python')
        programs.run("writing the cases' inputs", [python, os.path.join(HERE, 'inputs.py'), *missing],
                     os.path.join(build, 'bench-inputs.log'), cure(build))


if __name__ == '__main__':
    for word in sys.argv[1:]:
        name, stored, target = word.split(':', 2)
        write(with_rows(name, int(stored)), target)
