"""Writes ../operations.json with real Keras (3.15.1, TensorFlow 2.21 was used): python operations.py

A case is a model of one operation as Keras writes it into files, with inputs, outputs, gradients of the outputs, and what
those become for the inputs (null where nothing passes)."""
import json
import os

os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3")
import keras
import numpy as np
import tensorflow as tf
from keras import ops

HERE = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(3)
ROWS = 3


def floats(low=-1.0, high=1.0, shape=(3, 4)):
    return rng.uniform(low, high, size=(ROWS, *shape)).astype("float32")


def places(high, shape):
    return rng.integers(0, high, size=(ROWS, *shape)).astype("int32")


CASES = {
    "tan": (ops.tan, [floats()]),
    "sinh": (ops.sinh, [floats(-3, 3)]),
    "cosh": (ops.cosh, [floats(-3, 3)]),
    "arcsin": (ops.arcsin, [floats(-0.9, 0.9)]),
    "arccos": (ops.arccos, [floats(-0.9, 0.9)]),
    "arctan": (ops.arctan, [floats(-5, 5)]),
    "arcsinh": (ops.arcsinh, [floats(-5, 5)]),
    "arccosh": (ops.arccosh, [floats(1.2, 5)]),
    "arctanh": (ops.arctanh, [floats(-0.9, 0.9)]),
    "trunc": (ops.trunc, [floats(-3, 3)]),
    "threshold": (lambda x: ops.threshold(x, 0.2, 0.1), [floats()]),
    "mod": (ops.mod, [floats(-5, 5), floats(0.5, 2)]),
    "mod_negative": (ops.mod, [floats(-5, 5), floats(-2, -0.5)]),
    "mod_constant": (lambda x: x % 0.3, [floats(-5, 5)]),
    "mod_of_constant": (lambda x: 2.0 % x, [floats(0.2, 1)]),
    "floor_divide": (ops.floor_divide, [floats(-5, 5), floats(0.5, 2)]),
    "divide_no_nan": (ops.divide_no_nan, [floats(), np.round(floats())]),
    "hypot": (ops.hypot, [floats(), floats()]),
    "logaddexp": (ops.logaddexp, [floats(-4, 4), floats(-4, 4)]),
    "sort": (lambda x: ops.sort(x, axis=-1), [floats()]),
    "sort_inner": (lambda x: ops.sort(x, axis=1), [floats()]),
    "argsort": (lambda x: ops.argsort(x, axis=1), [floats()]),
    "top_k": (lambda x: ops.top_k(x, 3), [np.round(floats(), 1)]),
    "take_along_axis": (lambda x, i: ops.take_along_axis(x, i, axis=-1), [floats(), places(4, (3, 5))]),
    "take_along_axis_inner": (lambda x, i: ops.take_along_axis(x, i, axis=1), [floats(), places(3, (2, 4)) - 3]),
    "norm": (lambda x: ops.norm(x, axis=-1), [floats()]),
    "norm_1": (lambda x: ops.norm(x, ord=1, axis=1, keepdims=True), [floats()]),
    "norm_inf": (lambda x: ops.norm(x, ord=np.inf, axis=-1), [floats()]),
    "norm_fro": (lambda x: ops.norm(x, ord="fro", axis=(1, 2)), [floats()]),
    "normalize": (ops.normalize, [floats()]),
    "normalize_1": (lambda x: ops.normalize(x, axis=1, order=1), [floats()]),
    "unstack": (lambda x: ops.unstack(x, axis=1), [floats()]),
    "unstack_last": (lambda x: ops.unstack(x, axis=-1), [floats()]),
    "convert_to_tensor": (ops.convert_to_tensor, [floats()]),
    "convert_to_tensor_of": (lambda x: ops.convert_to_tensor(x, dtype="int32"), [floats(-3, 3)]),
    "isnan": (ops.isnan, [np.where(floats() > 0, np.nan, 1).astype("float32")]),
    "isinf": (ops.isinf, [np.where(floats() > 0, -np.inf, 1).astype("float32")]),
    "isfinite": (ops.isfinite, [np.where(floats() > 0, np.nan, 1).astype("float32")]),
    "argmax": (lambda x: ops.argmax(x, axis=1, keepdims=True), [floats()]),
    "repeat": (lambda x: ops.repeat(x, [2, 1, 3], axis=1), [floats()]),
    "pad_reflect": (lambda x: ops.pad(x, ((0, 0), (1, 2), (0, 3)), mode="reflect"), [floats()]),
    "pad_symmetric": (lambda x: ops.pad(x, ((0, 0), (3, 1), (2, 0)), mode="symmetric"), [floats()]),
}


def numbers(array):
    array = np.asarray(array)
    values = [repr(float(v)) if not np.isfinite(v) else float(v) for v in array.astype("float64").ravel()]
    return {"shape": list(array.shape), "dtype": str(array.dtype), "values": values}


def case(function, inputs):
    keras.backend.clear_session()
    symbols = [keras.Input(x.shape[1:], dtype=str(x.dtype), name=f"x{i}") for i, x in enumerate(inputs)]
    model = keras.Model(symbols, function(*symbols))
    config = json.loads(json.dumps(keras.saving.serialize_keras_object(model)))
    tensors = [tf.constant(x) for x in inputs]
    with tf.GradientTape() as tape:
        for tensor in tensors:
            tape.watch(tensor)
        outputs = keras.tree.flatten(model(tensors if len(tensors) > 1 else tensors[0]))
        slopes = [floats(shape=o.shape[1:]) if o.dtype == tf.float32 else None for o in outputs]
        total = sum(tf.reduce_sum(o * s) for o, s in zip(outputs, slopes) if s is not None) if any(s is not None for s in slopes) else None
    gradients = tape.gradient(total, tensors, unconnected_gradients="zero") if total is not None else [None] * len(inputs)
    return {
        "model": config,
        "inputs": [numbers(x) for x in inputs],
        "outputs": [numbers(o) for o in outputs],
        "output_gradients": [None if s is None else numbers(s) for s in slopes],
        "input_gradients": [None if g is None or x.dtype != np.float32 else numbers(g) for g, x in zip(gradients, inputs)],
    }


with open(os.path.join(HERE, "..", "operations.json"), "w") as file:
    made = {name: case(*arguments) for name, arguments in CASES.items()}
    file.write("{\n" + ",\n".join(f'"{name}": {json.dumps(value)}' for name, value in made.items()) + "\n}\n")
