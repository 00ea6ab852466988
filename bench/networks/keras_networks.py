# The networks of the cases, written with Keras.
import keras
from keras import layers


def mlp(classes, dropout):
    return keras.Sequential([layers.Input((784,)), layers.Dense(128, activation='relu'), layers.Dense(classes)])


def mnist_cnn(classes, dropout):
    return keras.Sequential([
        layers.Input((28, 28, 1)),
        layers.Conv2D(32, 3, activation='relu'), layers.MaxPooling2D(),
        layers.Conv2D(64, 3, activation='relu'), layers.MaxPooling2D(),
        layers.Flatten(), layers.Dropout(0.5 if dropout else 0.0), layers.Dense(classes)])


def cnn128(classes, dropout):
    return keras.Sequential([
        layers.Input((128, 128, 3)), layers.Rescaling(1 / 255),
        layers.Conv2D(16, 3, padding='same', activation='relu'), layers.MaxPooling2D(),
        layers.Conv2D(32, 3, padding='same', activation='relu'), layers.MaxPooling2D(),
        layers.Conv2D(64, 3, padding='same', activation='relu'), layers.MaxPooling2D(),
        layers.Flatten(), layers.Dense(128, activation='relu'), layers.Dense(classes)])


def resnet50(classes, dropout):
    inputs = layers.Input((224, 224, 3))
    scaled = layers.Rescaling(1 / 127.5, offset=-1.0)(inputs)
    features = keras.applications.ResNet50(weights=None, include_top=False, input_tensor=scaled).output
    pooled = layers.GlobalAveragePooling2D(name='avg_pool')(features)
    return keras.Model(inputs, layers.Dense(classes, name='predictions')(pooled))


def lstm(classes, dropout):
    return keras.Sequential([layers.Input((80,), dtype='int32'), layers.Embedding(20000, 128), layers.LSTM(128),
                             layers.Dense(classes)])


def build(case, dropout=True):
    """The network of `case`; without dropout when first losses are to be compared (each framework draws its own)."""
    return globals()[case.network](case.classes, dropout)


def compile_for(model, case, **options):
    rates = dict(sgd=keras.optimizers.SGD, adam=keras.optimizers.Adam)
    model.compile(optimizer=rates[case.optimizer](learning_rate=case.learning_rate),
                  loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=['accuracy'], **options)
    return model
