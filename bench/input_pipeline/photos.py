# Makes the folder that the question reads: JPEGs of 500 x 375 cut from photographs that come with scikit-image and scikit-learn.
import os
import sys

import numpy as np
from PIL import Image

CLASSES, WIDTH, HEIGHT = 4, 500, 375


def photographs():
    import skimage.data as photos
    from sklearn.datasets import load_sample_images
    return [*load_sample_images().images, photos.astronaut(), photos.coffee(), photos.chelsea(), photos.rocket()]


def cut(photograph, random):
    """A random part of a photograph, at least 60 % of its smaller side, turned to 500 x 375 and perhaps mirrored."""
    height, width = photograph.shape[:2]
    most = min(width / WIDTH, height / HEIGHT)
    scale = random.uniform(0.6, 1.0) * most
    w, h = int(WIDTH * scale), int(HEIGHT * scale)
    x, y = random.randint(0, width - w + 1), random.randint(0, height - h + 1)
    image = Image.fromarray(photograph[y:y + h, x:x + w]).resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if random.randint(2) else image


def make(folder, count):
    random, sources = np.random.RandomState(0), photographs()
    for i in range(count):
        name = os.path.join(folder, f'class{i % CLASSES}', f'{i:05}.jpg')
        os.makedirs(os.path.dirname(name), exist_ok=True)
        cut(sources[random.randint(len(sources))], random).save(name, quality=int(random.randint(80, 96)))


if __name__ == '__main__':
    make(sys.argv[1], int(sys.argv[2]))
