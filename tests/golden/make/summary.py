# Makes ../summary/: what Keras prints for model.summary(). `pip install keras numpy scipy jax`, then `python make/summary.py`.
import os
import pathlib

os.environ["COLUMNS"] = "120"
os.environ["KERAS_BACKEND"] = "numpy"
import keras
from keras import layers as L

FOLDER = pathlib.Path(__file__).parent.parent / "summary"


def keep(name, model):
    lines = []
    model.summary(print_fn=lines.append)
    (FOLDER / name).write_text("\n".join(lines))
    keras.utils.clear_session()


FOLDER.mkdir(exist_ok=True)
keep("sequential.txt", keras.Sequential([
    keras.Input((28, 28, 1)), L.Rescaling(1 / 255), L.Conv2D(32, 3, activation="relu"), L.MaxPooling2D(), L.Flatten(),
    L.Dropout(0.5), L.Dense(10, activation="softmax", name="a_rather_long_name_for_a_dense_layer")], name="digits"))

i = keras.Input((8, 8, 3))
x = L.Conv2D(4, 3, padding="same")(i)
y = L.BatchNormalization()(x)
shared = L.ReLU(name="shared")
z = L.Add()([shared(x), shared(y)])
o = L.Dense(3)(L.GlobalAveragePooling2D()(L.Concatenate()([z, i])))
keep("branches.txt", keras.Model(i, o, name="branches"))

i = keras.Input((8,))
keep("chain.txt", keras.Model(i, L.Dense(3, name="out")(L.Dense(1234)(i)), name="chain"))
