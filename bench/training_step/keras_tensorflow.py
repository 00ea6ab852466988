# Training steps in Keras on TensorFlow, with XLA or without: `keras_tensorflow.py CASE FOLDER BATCH_SIZE plain|xla`.
import contextlib
import os
import sys
import time

os.environ.update(KERAS_BACKEND='tensorflow', TF_CPP_MIN_LOG_LEVEL='3')
import keras
import numpy as np

import conversation
from cases import CASES
from networks import keras_networks


class FirstLosses(keras.callbacks.Callback):
    def __init__(self):
        self.losses = []

    def on_train_batch_end(self, step, logs=None):
        self.losses.append(float(logs['loss']))


class Conversation(keras.callbacks.Callback):
    """Lets `fit` run for as many steps as were asked for, and times them."""

    def __init__(self, requests):
        self.requests = requests
        self.left = 1
        self.start = None

    def on_train_batch_end(self, step, logs=None):
        self.left -= 1
        if self.left > 0:
            return
        if self.start is None:
            conversation.answer('ready')
        else:
            conversation.answer('seconds', time.perf_counter() - self.start)
        request = next(self.requests, None)
        if request is None:
            self.model.stop_training = True
        else:
            self.left = request[1]
            self.start = time.perf_counter()


def model_of(case, folder, file, variant):
    model = keras.saving.load_model(os.path.join(folder, file))
    return keras_networks.compile_for(model, case, jit_compile=variant == 'xla')


@contextlib.contextmanager
def slices_added_first():
    """TensorFlow hands an Embedding's gradient over as a slice per token, which Adam squares each by itself; the others add the
    slices of a token first. For the comparison of losses only: what is timed is Keras as it is."""
    import tensorflow as tf
    as_it_is = tf.GradientTape.gradient

    def added(*arguments, **more):
        gradients = as_it_is(*arguments, **more)
        return [tf.convert_to_tensor(g) if isinstance(g, tf.IndexedSlices) else g for g in gradients]

    tf.GradientTape.gradient = added
    try:
        yield
    finally:
        tf.GradientTape.gradient = as_it_is


def repeated(x, y, batch_size):
    import tensorflow as tf
    return tf.data.Dataset.from_tensor_slices((x, y)).shuffle(len(x)).repeat().batch(batch_size)


def main():
    case, folder, batch_size, variant = CASES[sys.argv[1]], sys.argv[2], int(sys.argv[3]), sys.argv[4]
    x, y = np.load(os.path.join(folder, 'x.npy')), np.load(os.path.join(folder, 'y.npy'))
    requests = conversation.requests()
    for word, count in requests:
        if word == 'losses':
            first = FirstLosses()
            rows = np.arange(conversation.PASSES * count * batch_size) % (count * batch_size)
            with slices_added_first():
                model_of(case, folder, 'check.keras', variant).fit(x[rows], y[rows], batch_size=batch_size, shuffle=False, verbose=0,
                                                                   callbacks=[first])
            conversation.answer('losses', *first.losses)
        elif word == 'train':
            model = model_of(case, folder, 'model.keras', variant)
            talk = [Conversation(requests)]
            if count:
                model.fit(repeated(x, y, batch_size), steps_per_epoch=-(-count // batch_size), epochs=10**9, verbose=0, callbacks=talk)
            else:
                model.fit(x, y, batch_size=batch_size, epochs=10**9, verbose=0, callbacks=talk)
    conversation.answer('peak', conversation.peak_bytes())


main()
