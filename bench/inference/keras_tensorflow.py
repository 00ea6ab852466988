# Predictions in Keras on TensorFlow, with XLA or without: `keras_tensorflow.py CASE FOLDER BATCH_SIZE plain|xla`.
import os
import sys
import time

os.environ.update(KERAS_BACKEND='tensorflow', TF_CPP_MIN_LOG_LEVEL='3')
import keras
import numpy as np

import conversation
from cases import CASES
from networks import keras_networks


def main():
    case, folder, batch_size, variant = CASES[sys.argv[1]], sys.argv[2], int(sys.argv[3]), sys.argv[4]
    model = keras.saving.load_model(os.path.join(folder, 'model.keras'))
    keras_networks.compile_for(model, case, jit_compile=variant == 'xla')
    stored = np.load(os.path.join(folder, 'x.npy'))
    x = stored[np.arange(batch_size) % len(stored)]
    # predict_on_batch is the compiled function alone: predict would add its loop and callbacks to every call.
    for word, count in conversation.requests():
        if word == 'outputs':
            conversation.answer('outputs', *np.ravel(model.predict_on_batch(x))[:count].tolist())
        elif word == 'steps':
            start = time.perf_counter()
            for _ in range(count):
                model.predict_on_batch(x)
            conversation.answer('seconds', time.perf_counter() - start)
    conversation.answer('peak', conversation.peak_bytes())


main()
