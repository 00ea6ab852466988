"""Models inside TimeDistributed, as in video classifiers, by Keras on TensorFlow: python make/video.py
Writes ../video/: NAME.keras with fresh weights, and NAME.npz with the data, what the model predicts, and what fit makes of it."""
import os
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
import keras, numpy as np
from keras import layers as L

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "video")
os.makedirs(OUT, exist_ok=True)

def cnn():  # every frame by itself, with statistics of each step
    return keras.Sequential([L.Input((6, 6, 2)), L.Conv2D(3, 3, activation="relu"), L.BatchNormalization(momentum=0.5),
                             L.MaxPooling2D(2), L.Flatten()], name="frames")

def residual():  # a graph, whose first layer is frozen
    i = keras.Input((6, 6, 2), name="frame")
    a = L.Conv2D(4, 3, padding="same", activation="tanh", name="still", trainable=False)(i)
    b = L.Conv2D(4, 3, padding="same", name="moving")(a)
    return keras.Model(i, L.GlobalAveragePooling2D(name="mean")(L.Add(name="sum")([a, b])), name="graph")

def video(inner):
    clip = keras.Input((4, 6, 6, 2), name="clip")
    x = L.TimeDistributed(inner, name="each")(clip)
    return keras.Model(clip, L.Dense(3, activation="softmax", name="kind")(L.LSTM(5, name="over_time")(x)), name="video")

def twice():  # a TimeDistributed around another one, around a model, in a model
    words = keras.Sequential([L.Input((3,)), L.Dense(4, activation="tanh"), L.Dense(2)], name="words")
    lines = keras.Sequential([L.Input((4, 3)), L.TimeDistributed(words), L.Flatten()], name="lines")
    return keras.Sequential([L.Input((2, 4, 3)), L.TimeDistributed(lines), L.GRU(4), L.Dense(3, activation="softmax")], name="page")

for name, make, shape in [("sequential", lambda: video(cnn()), (4, 6, 6, 2)), ("functional", lambda: video(residual()), (4, 6, 6, 2)),
                          ("nested", twice, (2, 4, 3))]:
    keras.backend.clear_session()
    keras.utils.set_random_seed(7)
    model = make()
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
    path = os.path.join(OUT, name + ".keras")
    model.save(path)
    rng = np.random.default_rng(3)
    x = rng.normal(size=(24, *shape)).astype("float32")
    y = rng.integers(0, 3, 24)
    before = model.predict(x, verbose=0)
    history = model.fit(x, y, batch_size=8, epochs=2, shuffle=False, verbose=0).history
    weights = {f"w{i}": np.asarray(w) for i, w in enumerate(model.weights)}
    np.savez(os.path.join(OUT, name + ".npz"), x=x, y=y, predicted=before, loss=np.array(history["loss"], "float32"), after=model.predict(x, verbose=0), **weights)
    print(name, [w.path for w in model.weights], history["loss"])
