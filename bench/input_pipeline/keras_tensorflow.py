# Samples of a folder of JPEGs in tf.data, through Keras's loader: `keras_tensorflow.py FOLDER LOADER_BATCH plain|cache CACHE`.
import os
import sys
import time

import keras
import numpy as np
import tensorflow as tf

import conversation


def dataset(folder, batch, cache):
    data = keras.utils.image_dataset_from_directory(folder, image_size=(128, 128), batch_size=None, shuffle=False, verbose=False)
    if cache:
        data = data.cache(os.path.join(cache, 'tfdata'))
    return data.batch(batch).prefetch(tf.data.AUTOTUNE)


def main():
    folder, batch, cached = sys.argv[1], int(sys.argv[2]), sys.argv[3] == 'cache'
    data = dataset(folder, batch, sys.argv[4] if cached else None)

    def epoch():
        return sum(float(images[0, 64, 0, 0]) for images, _ in data)

    for word, count in conversation.requests():
        if word == 'losses':
            some = dataset(folder, count, None)
            conversation.answer('losses', float(np.mean(next(iter(some))[0].numpy(), dtype=np.float64)))
        elif word == 'train':
            epoch()
            conversation.answer('ready')
        elif word == 'steps':
            start = time.perf_counter()
            for _ in range(count):
                epoch()
            conversation.answer('seconds', time.perf_counter() - start)
    conversation.answer('peak', conversation.peak_bytes())


main()
