"""Writes ../text/tf_idf_*.keras and ../text/tf_idf.json with real Keras (3.15.1): python tf_idf.py

Lookups that weigh tokens by how few documents have them: adapted, so that the weights lie among the file's arrays, and
given as arguments. The JSON holds what the models predict of its inputs."""
import json
import os

os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3")
import keras
import numpy as np
import tensorflow as tf

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "text")
WORDS = [["a", "b"], ["a", "c"], ["d", "a"]]

text = keras.layers.TextVectorization(output_mode="tf_idf")
text.adapt(tf.constant(["the cat sat", "the dog", "a cat and a dog", "bird"]))
strings = keras.layers.StringLookup(output_mode="tf_idf", num_oov_indices=2)
strings.adapt(tf.constant(WORDS))
integers = keras.layers.IntegerLookup(output_mode="tf_idf")
integers.adapt(np.array([[1, 2], [1, 3], [4, 1]]))
given = keras.layers.StringLookup(output_mode="tf_idf", vocabulary=["x", "y"], idf_weights=[0.5, 2.0])

CASES = {
    "text": (text, "string", [["the cat the bear"], ["a dog and a dog"]]),
    "strings": (strings, "string", [["a", "z"], ["c", "c"]]),
    "integers": (integers, "int64", [[1, 9], [4, 4]]),
    "given": (given, "string", [["y", "y"], ["x", "w"]]),
}

expected = {}
for name, (layer, dtype, rows) in CASES.items():
    keras.utils.set_random_seed(5)
    start = keras.Input((len(rows[0]),), dtype=dtype)
    model = keras.Model(start, keras.layers.Dense(2, name="head")(layer(start)))
    model.save(os.path.join(HERE, f"tf_idf_{name}.keras"))
    data = tf.constant(rows) if dtype == "string" else np.array(rows)
    expected[name] = {"rows": rows, "output": model.predict(data, verbose=0).ravel().tolist()}
with open(os.path.join(HERE, "tf_idf.json"), "w") as file:
    json.dump(expected, file)
