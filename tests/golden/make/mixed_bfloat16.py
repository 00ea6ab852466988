"""mixed_bfloat16/: models under Keras's policy mixed_bfloat16 and what they give. Run: python make/mixed_bfloat16.py"""
import os, json, warnings
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3"); os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0"); os.environ.setdefault("KERAS_BACKEND", "tensorflow"); warnings.filterwarnings("ignore")
import numpy as np, keras
from keras import layers
HERE = os.path.dirname(os.path.abspath(__file__)); OUT = os.path.join(HERE, "..", "mixed_bfloat16"); os.makedirs(OUT, exist_ok=True)
STEPS, EPOCHS, BATCH, CLASSES = 4, 3, 32, 4


def cnn():
    return keras.Sequential([layers.Input((12, 12, 3)), layers.Conv2D(8, 3, padding="same", activation="relu"), layers.MaxPooling2D(),
                             layers.Conv2D(16, 3, strides=2, use_bias=False), layers.BatchNormalization(), layers.Activation("relu"),
                             layers.Conv2DTranspose(6, 2, strides=2), layers.Flatten(), layers.Dense(CLASSES, dtype="float32")], name="cnn")


def lstm():
    return keras.Sequential([layers.Input((9,), dtype="int32"), layers.Embedding(20, 8),
                             layers.Bidirectional(layers.LSTM(8, return_sequences=True)), layers.GRU(12),
                             layers.Dense(CLASSES, dtype="float32")], name="lstm")


def attention():
    start = layers.Input((9, 16))
    x = layers.MultiHeadAttention(2, 8)(start, start)
    x = layers.LayerNormalization()(layers.Add()([start, x]))
    x = layers.Add()([x, layers.Dense(16)(layers.Dense(24, activation="gelu")(x))])
    x = layers.EinsumDense("abc,cde->abde", (None, 3, 4))(x)
    x = layers.GlobalAveragePooling1D()(layers.Reshape((9, 12))(x))
    return keras.Model(start, layers.Dense(CLASSES, dtype="float32")(x), name="attention")


def data(name, rng):
    y = rng.integers(0, CLASSES, STEPS * BATCH).astype("int32")
    if name == "lstm":
        return np.where(rng.random((len(y), 9)) < 0.4, y[:, None], rng.integers(0, 20, (len(y), 9))).astype("int32"), y
    shape = (12, 12, 3) if name == "cnn" else (9, 16)
    means = rng.normal(size=(CLASSES,) + shape)
    return (means[y] * 0.3 + rng.normal(size=(len(y),) + shape) * 0.7).astype("float32"), y


def train(build, weights, x, y):
    model = build()
    model.compile(optimizer=keras.optimizers.SGD(0.1, momentum=0.5), loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.set_weights(weights)
    before = np.asarray(model.predict(x[:BATCH], verbose=0), "float32")
    losses = model.fit(x, y, batch_size=BATCH, epochs=EPOCHS, shuffle=False, verbose=0).history["loss"]
    return before, losses, np.asarray(model.predict(x[:BATCH], verbose=0), "float32")


index, arrays = {}, {}
for number, build in enumerate([cnn, lstm, attention]):
    name = build.__name__
    x, y = data(name, np.random.default_rng(number))
    keras.utils.set_random_seed(number)
    keras.config.set_dtype_policy("mixed_bfloat16")
    model = build()
    model.compile(optimizer=keras.optimizers.SGD(0.1, momentum=0.5), loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.save(os.path.join(OUT, name + ".keras"))
    weights = model.get_weights()
    before, losses, after = train(build, weights, x, y)
    keras.config.set_dtype_policy("float32")
    before32, losses32, after32 = train(build, weights, x, y)
    arrays |= {name + "_x": x, name + "_y": y, name + "_before": before, name + "_after": after,
               name + "_before_float32": before32, name + "_after_float32": after32}
    index[name] = dict(batch_size=BATCH, epochs=EPOCHS, losses=losses, losses_float32=losses32)
    print(name, losses, losses32, abs(before - before32).max(), abs(after - after32).max())
misc = keras.models.load_model(os.path.join(OUT, "..", "keras-files", "misc.keras"), compile=False)
x = np.random.default_rng(9).normal(size=(8,) + misc.input_shape[1:]).astype("float32")
arrays |= {"misc_x": x, "misc_before": np.asarray(misc.predict(x, verbose=0), "float32")}
np.savez(os.path.join(OUT, "values.npz"), **arrays)
with open(os.path.join(OUT, "index.json"), "w") as file: json.dump(index, file, indent=1); file.write("\n")
