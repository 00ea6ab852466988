"""Opens .keras and legacy .h5 files that batchwise wrote in real Keras, predicts and goes on training.

    python tests/parity/keras_opens_our_files.py OURS.keras [ORIGINAL.keras] [-- OURS.keras [ORIGINAL.keras]] ...

Needs `pip install keras` and a backend (`tensorflow-cpu` or `torch`). With ORIGINAL (the file of Keras's own that batchwise loaded
and saved again), predictions and every weight and optimizer variable after more training must be equal to the bit.
Exits 0 when all files pass.
"""
import os
import sys
import warnings
import zipfile

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
import keras
import numpy as np


def load(path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")   # "Skipping variable loading ..." is a failure
        return keras.saving.load_model(path)


def data(model, seed):
    rng = np.random.default_rng(seed)
    x = [rng.normal(size=(12, *i.shape[1:])).astype("float32") for i in model.inputs]
    losses = model.loss if isinstance(model.loss, (list, tuple)) else [model.loss] * len(model.outputs)
    if isinstance(model.loss, dict):
        losses = [model.loss[name] for name in model.output_names]
    y = []
    for output, loss in zip(model.outputs, losses):
        if isinstance(loss, str) and loss.startswith("sparse"):
            y.append(rng.integers(0, output.shape[-1], size=(12,)))
        else:
            y.append(rng.random(size=(12, *output.shape[1:])).astype("float32"))
    return (x if len(x) > 1 else x[0]), (y if len(y) > 1 else y[0])


def numbers(model):
    values = [np.asarray(v) for v in model.weights]
    if model.compiled:
        values += [np.asarray(v) for v in model.optimizer.variables]
    return values


def train(model):
    if not model.compiled:
        model.compile("sgd", "mse")
    keras.utils.set_random_seed(3)
    x, y = data(model, 1)
    model.fit(x, y, batch_size=4, epochs=2, shuffle=False, verbose=0)


def check(ours, original=None):
    if ours.endswith(".keras"):
        names = [m.filename for m in zipfile.ZipFile(ours).infolist()]
        assert names[:3] == ["metadata.json", "config.json", "model.weights.h5"], names
        assert all(name.startswith("assets/") for name in names[3:]), names
    model = load(ours)
    x, _ = data(model, 0)
    predicted = model.predict(x, batch_size=4, verbose=0)
    assert all(np.isfinite(p).all() for p in (predicted if isinstance(predicted, list) else [predicted]))
    steps = int(np.asarray(model.optimizer.iterations)) if model.compiled else 0
    if original:
        other = load(original)
        expected = other.predict(x, batch_size=4, verbose=0)
        for a, b in zip(predicted if isinstance(predicted, list) else [predicted], expected if isinstance(expected, list) else [expected]):
            np.testing.assert_array_equal(a, b)
    # Keras itself does not restore the optimizer of a legacy file.
    go_on = ours.endswith(".keras")
    if original and go_on:
        for a, b in zip(numbers(model), numbers(other), strict=True):
            np.testing.assert_array_equal(a, b)
        train(other)
    if go_on:
        train(model)
    if original and go_on:
        for a, b in zip(numbers(model), numbers(other), strict=True):
            np.testing.assert_array_equal(a, b)
    print(f"{ours}: {len(model.weights)} weights, {steps} updates before" + (", equal to the original" if original else "") + ": ok")


def main(arguments):
    pairs, pair = [], []
    for argument in arguments + ["--"]:
        if argument == "--":
            if pair:
                pairs.append(pair)
            pair = []
        else:
            pair.append(argument)
    if not pairs:
        sys.exit(__doc__)
    for files in pairs:
        check(*files)
    print(f"Keras {keras.__version__} on {keras.backend.backend()}: {len(pairs)} files, all ok")


if __name__ == "__main__":
    main(sys.argv[1:])
