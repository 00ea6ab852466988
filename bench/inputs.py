# Writes what all contestants of a case start from: data as .npy, weights as .npz, the network as .keras.
import dataclasses
import gzip
import os
import subprocess
import sys

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


def write(case, folder):
    os.environ.update(KERAS_BACKEND='tensorflow', TF_CPP_MIN_LOG_LEVEL='3')
    import keras
    import numpy as np
    from networks import keras_networks
    os.makedirs(folder, exist_ok=True)
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


def ready(folder):
    return all(os.path.exists(os.path.join(folder, name)) for name in FILES)


def write_in(build, wanted):
    """Writes (case, rows, folder) of `wanted` that are not there, with the Python that has Keras. Rows 0: the case's own."""
    missing = [f'{name}:{rows}:{folder}' for name, rows, folder in wanted if not ready(folder)]
    if missing:
        here = os.path.dirname(os.path.abspath(__file__))
        subprocess.run([os.path.join(build, 'bench-venv/bin/python'), os.path.join(here, 'inputs.py'), *missing], check=True,
                       stderr=subprocess.DEVNULL)


if __name__ == '__main__':
    from cases import CASES
    for word in sys.argv[1:]:
        name, stored, target = word.split(':', 2)
        write(dataclasses.replace(CASES[name], rows=int(stored) or CASES[name].rows), target)
