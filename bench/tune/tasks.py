# Six tasks of different kinds, on data that a Debian system has: made once, the same everywhere but for the texts' versions.
import glob
import os
import re
import sys

import numpy as np

FASHION_MNIST = '/usr/share/datasets/fashion-mnist'
LICENCES = '/usr/share/common-licenses'
LIBRARY = os.path.dirname(os.__file__)


def images_of_fashion_mnist(count):
    import gzip
    with gzip.open(os.path.join(FASHION_MNIST, 'train-images-idx3-ubyte.gz')) as file:
        images = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 28, 28)[:count]
    with gzip.open(os.path.join(FASHION_MNIST, 'train-labels-idx1-ubyte.gz')) as file:
        labels = np.frombuffer(file.read(), np.uint8, offset=8)[:count]
    return images, labels


def photos(path):
    """A folder of class folders: 10,000 JPEGs of Fashion-MNIST."""
    from PIL import Image
    images, labels = images_of_fashion_mnist(10000)
    for i, (image, label) in enumerate(zip(images, labels)):
        folder = os.path.join(path, str(label))
        os.makedirs(folder, exist_ok=True)
        Image.fromarray(image).save(os.path.join(folder, f'{i:05}.jpg'), quality=95)


def windows(texts, length, stride, words, count):
    """Stretches of the texts as numbers of their words, the rarest all 1, and the text each is from; in a random order."""
    known = {}
    for text in texts:
        for word in text:
            known[word] = known.get(word, 0) + 1
    number = {word: i + 2 for i, word in enumerate(sorted(known, key=lambda w: (-known[w], w))[:words - 2])}
    x, y = [], []
    for label, text in enumerate(texts):
        ids = [number.get(word, 1) for word in text]
        for start in range(0, len(ids) - length, stride):
            x.append(ids[start:start + length])
            y.append(label)
    order = np.random.default_rng(1).permutation(len(x))[:count]
    return np.array(x, np.int32)[order], np.array(y, np.int32)[order]


def words_of(text):
    return re.findall(r'[a-z_]+|[0-9]+|[^\sa-z0-9_]', text.lower())


def licences(path):
    """12,000 overlapping stretches of 24 words: which licence are they from?"""
    texts = [words_of(open(name, errors='replace').read()) for name in sorted(glob.glob(LICENCES + '/*')) if not os.path.islink(name)]
    x, y = windows([text for text in texts if len(text) > 1500], 24, 3, 2000, 12000)
    np.savez(path, x=x, y=y)


def packages(path):
    """12,000 overlapping stretches of 48 words of Python's library: which package are they from?"""
    names = ('asyncio', 'email', 'unittest', 'xml', 'importlib', 'multiprocessing', 'http', 'ctypes')
    texts = []
    for name in names:
        files = sorted(glob.glob(os.path.join(LIBRARY, name, '**', '*.py'), recursive=True))
        texts.append([word for file in files for word in words_of(open(file, errors='replace').read())][:120000])
    x, y = windows(texts, 48, 16, 4000, 12000)
    np.savez(path, x=x, y=y)


def friedman(path):
    """40,000 points of Friedman's first function, with noise."""
    generator = np.random.default_rng(1)
    x = generator.random((40000, 10), np.float32)
    y = 10 * np.sin(np.pi * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5)**2 + 10 * x[:, 3] + 5 * x[:, 4]
    np.savez(path, x=x, y=(y + generator.normal(0, 1, len(y))).astype(np.float32)[:, None])


def regression(path):
    os.environ.update(KERAS_BACKEND='tensorflow', TF_CPP_MIN_LOG_LEVEL='3')
    import keras
    keras.utils.set_random_seed(1)
    layers = keras.layers
    hidden = [layers.Dense(128, activation='relu') for _ in range(2)]
    model = keras.Sequential([keras.Input((10,)), *hidden, layers.Dense(1)])
    model.compile(optimizer='adam', loss='mse')
    model.save(path)


MADE = {'photos': photos, 'licences.npz': licences, 'packages.npz': packages, 'friedman.npz': friedman, 'regression.keras': regression}


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    for name, make in MADE.items():
        path = os.path.join(folder, name)
        if os.path.exists(path):
            continue
        part = os.path.join(folder, 'part.' + name)
        make(part)
        os.rename(part, path)


if __name__ == '__main__':
    main()
