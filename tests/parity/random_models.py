"""Trains seeded random models in real Keras and in batchwise and compares what comes out.

    python tests/parity/random_models.py --program build/batchwise [--models 200] [--seed 1] [--only 17] [--work FOLDER] [--onnx]

For each model: predictions; losses and metrics of two epochs; every weight and optimizer variable after them, of the file that batchwise wrote, opened in
Keras; then one more epoch on the other side: Keras goes on from batchwise's file, batchwise from Keras's. `batchwise supported` says which layers,
optimizers and losses can be drawn; those of the pools that are not there yet are listed at the end. Exits 0 when all models agree.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import time
import traceback

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
import keras
import numpy as np
import tensorflow as tf

from keras_itself import (BATCH, IN_BATCHWISE, IN_KERAS, TRAINED, Comparison, allow_what_keras_differs_from_itself, go_on, keras_trains,
                          names_of_outputs)
from random_architectures import FAMILIES, POOL, random_compile

# TensorFlow hands an Embedding's gradient over as one slice per token, and optimizers then square each by itself. JAX and
# PyTorch add the slices of a repeated token first: that is the maths.
tape_gradient = tf.GradientTape.gradient


def added_up(*arguments, **more):
    result = tape_gradient(*arguments, **more)
    dense = lambda g: tf.convert_to_tensor(g) if isinstance(g, tf.IndexedSlices) else g  # noqa: E731
    return [dense(g) for g in result] if isinstance(result, list) else dense(result)


tf.GradientTape.gradient = added_up

SAMPLES = 24


class Program:
    def __init__(self, path):
        self.path = path

    def run(self, *words):
        done = subprocess.run([self.path, *words], capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, f"{' '.join(words)}: {done.stderr.strip() or done.returncode}"
        return done.stdout

    def supported(self):
        """The words of the first paragraph of each section."""
        names, place = set(), ""
        for line in self.run("supported").splitlines():
            if line.startswith("## "):
                place = "before"
            elif line and place in ("before", "in"):
                place = "in"
                names |= {word.strip(",*") for word in line.split()}
            elif not line and place == "in":
                place = "after"
        return names

    def predict(self, model, data, folder, outputs):
        out = os.path.join(folder, "y.npy" if outputs == 1 else "y.npz")
        self.run("predict", model, data, "--out", out)
        loaded = np.load(out)
        return [loaded] if outputs == 1 else [loaded[name] for name in loaded.files]

    def train(self, model, data, folder, epochs):
        shutil.rmtree(folder, ignore_errors=True)
        self.run("train", model, data, "--batch-size", str(BATCH), "--epochs", str(epochs), "--no-shuffle", "--out", folder)
        with open(os.path.join(folder, "history.json")) as file:
            return json.load(file), os.path.join(folder, "model.keras")


def make_data(model, task, rng):
    x = []
    for tensor in model.inputs:
        shape = (SAMPLES, *[d if d else 6 for d in tensor.shape[1:]])
        if tensor.dtype.startswith("int"):
            x.append(rng.integers(0, 12, size=shape).astype("int32"))
        else:
            x.append(rng.normal(size=shape).astype("float32"))
    y = []
    for output, kind in zip(model.outputs, task):
        classes = output.shape[-1]
        if kind == "sparse":
            y.append(rng.integers(0, classes, size=(SAMPLES, *output.shape[1:-1])).astype("int32"))
        elif kind == "categorical":
            y.append(np.eye(classes, dtype="float32")[rng.integers(0, classes, size=(SAMPLES, *output.shape[1:-1]))])
        elif kind == "binary":
            y.append(rng.integers(0, 2, size=(SAMPLES, *output.shape[1:])).astype("float32"))
        else:
            y.append(rng.normal(size=(SAMPLES, *output.shape[1:])).astype("float32"))
    return x, y


def write_data(path, model, x, y):
    arrays = {}
    if len(x) == 1:
        arrays["x"] = x[0]
    else:
        arrays.update({tensor.name: value for tensor, value in zip(model.inputs, x)})
    if len(y) == 1:
        arrays["y"] = y[0]
    else:
        arrays.update(dict(zip(names_of_outputs(model), y)))
    np.savez(path, **arrays)


def compare_onnx(comparison, program, file, x, predicted, folder):
    import onnxruntime
    path = os.path.join(folder, "model.onnx")
    done = subprocess.run([program.path, "convert", file, path], capture_output=True, text=True)
    if done.returncode:
        return done.stderr.strip()
    session = onnxruntime.InferenceSession(path)
    feeds = {i.name: (v.astype("int64") if "int64" in i.type else v) for i, v in zip(session.get_inputs(), x)}
    for a, b in zip(session.run(None, feeds), predicted):
        comparison.close(a, b, "onnx")
    return None


def check(program, number, seed, known, folder, onnx):
    rng = np.random.default_rng([seed, number])
    keras.utils.clear_session()
    keras.utils.set_random_seed(int(rng.integers(1 << 30)))
    names = list(FAMILIES)
    family = names[number % len(names)]
    model, task = FAMILIES[family](rng, known)
    settings, words = random_compile(rng, known, task)
    # Step by step: tracing a graph takes TensorFlow longer than training models as small as these.
    model.compile(**settings, jit_compile=False, run_eagerly=True)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    start, data, trained = (os.path.join(folder, name) for name in ("start.keras", "data.npz", "trained.keras"))
    x, y = make_data(model, task, rng)
    model.save(start)
    write_data(data, model, x, y)
    comparison = Comparison()
    theirs = keras_trains(model, x, y)
    for name, a, b in zip(names_of_outputs(model), program.predict(start, data, folder, len(theirs.predicted)), theirs.predicted):
        comparison.close(a, b, f"prediction {name}")
    refused = compare_onnx(comparison, program, start, x, theirs.predicted, folder) if onnx else None

    ours, file = program.train(start, data, os.path.join(folder, "run"), 2)
    assert sorted(ours) == sorted(theirs.history), f"history: {sorted(ours)} instead of {sorted(theirs.history)}"
    for key in ours:
        comparison.close(ours[key], theirs.history[key], f"history {key}", 10)
    model.save(trained)
    back = keras.saving.load_model(file)
    back.run_eagerly = True
    comparison.states(back, model, TRAINED, 10)

    for each in (back, model):
        go_on(each, x, y)
    comparison.states(back, model, IN_KERAS, 30)
    _, file = program.train(trained, data, os.path.join(folder, "run2"), 1)
    comparison.states(keras.saving.load_model(file), model, IN_BATCHWISE, 30)

    failures = comparison.failures()
    shaky = allow_what_keras_differs_from_itself(comparison, start, trained, model, theirs, x, y, rng) if failures else False
    worst = max(comparison.failures(), key=lambda what: comparison.apart[what] / comparison.allowed[what], default=None)
    assert worst is None, f"{worst}: {comparison.apart[worst]:.3g} apart, {comparison.allowed[worst]:.3g} allowed"
    line = f"{family}, {words}, {model.count_params()} parameters"
    return line + (f"; shaky: {failures[0]}" if shaky else "") + (f"; no ONNX: {refused}" if refused else ""), shaky


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--models", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int)
    parser.add_argument("--work", default="build/parity")
    parser.add_argument("--onnx", action="store_true", help="also export and run with onnxruntime")
    arguments = parser.parse_args()
    program = Program(arguments.program)
    known = program.supported()
    missing = sorted(name for name in POOL if name not in known)
    failed, shaken, began = [], 0, time.time()
    numbers = [arguments.only] if arguments.only is not None else range(arguments.models)
    for number in numbers:
        try:
            line, shaky = check(program, number, arguments.seed, known, os.path.join(arguments.work, str(number)), arguments.onnx)
            shaken += shaky
            print(f"{number}: ok: {line}", flush=True)
            if arguments.only is None:
                shutil.rmtree(os.path.join(arguments.work, str(number)))
        except Exception as error:  # noqa: BLE001: every failure is a finding
            failed.append(number)
            print(f"{number}: FAILED: {type(error).__name__}: {error}", flush=True)
            if arguments.only is not None:
                traceback.print_exc()
    print(f"Keras {keras.__version__}: {len(numbers) - len(failed)} of {len(numbers)} models agree, seed {arguments.seed}, {time.time() - began:.0f} s")
    if shaken:
        print(f"{shaken} of them are shaky: farther apart than rounding alone, and no farther than four times what Keras is from itself in float64, or when weights move by one rounding")
    if missing:
        print("Not supported yet, so not drawn: " + ", ".join(missing))
    if failed:
        sys.exit("failed: " + ", ".join(map(str, failed)))


if __name__ == "__main__":
    main()
