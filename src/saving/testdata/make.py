"""Writes the .keras files of this folder with real Keras (3.15.1, TensorFlow 2.21 was used): python make.py"""
import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np
from keras import layers

HERE = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(5)


def small():
    inputs = keras.Input((3,), name="in")
    x = layers.Dense(4, activation="relu", name="first")(inputs)
    x = layers.BatchNormalization(name="bn")(x)
    return keras.Model(inputs, layers.Dense(2, name="last")(x), name="small")


def graph():
    """Layers of one class and shape at one depth, a layer called three times, inputs out of order."""
    late = keras.Input((4,), name="late")
    early = keras.Input((4,), name="early")
    shared = layers.Dense(4, activation="tanh", name="shared")
    left = layers.Dense(4, name="z_left")(shared(early))
    right = layers.Dense(4, name="a_right")(shared(left))
    deep = layers.Dense(4, name="deep_one")(layers.Dense(4, name="deep_two")(layers.Add(name="sum")([left, right])))
    unused_order = layers.Dense(4, name="side")(late)
    joined = layers.Concatenate(name="join")([unused_order, deep, shared(late)])
    return keras.Model([late, early], [layers.Dense(2, name="out_b")(joined), layers.Dense(1, name="out_a")(right)], name="graph")


def train(model, **compile_arguments):
    model.compile(jit_compile=False, **compile_arguments)
    x = [rng.normal(size=(16, *i.shape[1:])).astype("float32") for i in model.inputs]
    y = [rng.normal(size=(16, *o.shape[1:])).astype("float32") for o in model.outputs]
    model.fit(x if len(x) > 1 else x[0], y if len(y) > 1 else y[0], batch_size=4, epochs=2, verbose=0)
    return model


def named():
    """Tensors with names at both ends, and a model that is called by names inside. The rest of the layers says which is which."""
    low, high = keras.Input((2,), name="low"), keras.Input((3,), name="high")
    both = layers.Concatenate(name="both")([high, low])
    inner = keras.Model({"wide": high, "narrow": low}, {"sum": layers.Dense(1, name="one")(both), "all": both}, name="inner")
    age, price = keras.Input((2,), name="years"), keras.Input((3,), name="dollars")
    parts = inner({"wide": price, "narrow": age})
    outputs = {"rating": layers.Dense(2, name="two")(parts["all"]), "chance": layers.Activation("sigmoid", name="last")(parts["sum"])}
    return keras.Model({"price": price, "age": age}, outputs, name="named")


o = keras.optimizers
cases = {
    "rmsprop": (small, dict(optimizer=o.RMSprop(0.01, momentum=0.9, centered=True), loss="mse", metrics=["mae"])),
    "adam_all": (small, dict(optimizer=o.Adam(0.01, amsgrad=True, use_ema=True, gradient_accumulation_steps=2, clipnorm=1.0), loss=keras.losses.Huber(delta=0.5))),
    "adamw": (small, dict(optimizer=o.AdamW(o.schedules.CosineDecay(0.01, 100, warmup_target=0.1, warmup_steps=10)), loss="mse", weighted_metrics=["mse"])),
    "sgd": (small, dict(optimizer=o.SGD(0.05, momentum=0.9, nesterov=True), loss="mse", metrics=[keras.metrics.MeanAbsoluteError(name="error")])),
    "graph": (graph, dict(optimizer="adam", loss={"out_a": "mae", "out_b": "mse"}, loss_weights={"out_a": 0.5, "out_b": 2.0}, metrics={"out_b": ["mae"]})),
}
for name, (make, arguments) in cases.items():
    keras.utils.set_random_seed(7)
    train(make(), **arguments).save(os.path.join(HERE, name + ".keras"))
keras.utils.set_random_seed(7)
frozen = small()
frozen.get_layer("first").trainable = False
train(frozen, optimizer="adam", loss="mse").save(os.path.join(HERE, "frozen.keras"))

# Frozen after compile: the optimizer's state is that of more weights than the loaded model trains. Keras warns and begins anew.
for name in ("frozen_later.keras", "frozen_later.h5"):
    keras.utils.set_random_seed(7)
    frozen_later = train(small(), optimizer=o.Adam(0.01), loss=keras.losses.MeanSquaredError())
    frozen_later.get_layer("first").trainable = False
    frozen_later.save(os.path.join(HERE, name))

# A loss scale around the optimizer: the state of both.
for name in ("loss_scale.keras", "loss_scale.h5"):
    keras.utils.set_random_seed(7)
    scaled = o.LossScaleOptimizer(o.Adam(0.01), initial_scale=8.0, dynamic_growth_steps=3)
    train(small(), optimizer=scaled, loss=keras.losses.MeanSquaredError()).save(os.path.join(HERE, name))

# What tests/named_ends_test.cpp says of named.keras is printed.
keras.utils.set_random_seed(7)
model = named()
model.compile(optimizer=o.SGD(0.1), loss={"rating": "mse", "chance": "binary_crossentropy"}, loss_weights={"rating": 0.5, "chance": 2.0}, metrics={"rating": ["mae"]}, jit_compile=False)
x = {"price": np.arange(12, dtype="float32").reshape(4, 3) / 8 - 1, "age": np.arange(8, dtype="float32").reshape(4, 2) / 4 - 1}
y = {"rating": np.ones((4, 2), "float32"), "chance": np.array([[0], [1], [1], [0]], "float32")}
model.fit(x, y, batch_size=4, epochs=1, verbose=0)
model.save(os.path.join(HERE, "named.keras"))
print({name: values.tolist() for name, values in model.predict(x, verbose=0).items()})
print(model.fit(x, y, batch_size=4, epochs=2, verbose=0).history)
print({name: values.tolist() for name, values in model.predict(x, verbose=0).items()})
