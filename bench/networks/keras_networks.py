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


def transformer(classes, dropout):
    """As the built-in transformer, without its learned positions."""
    words = layers.Input((200,), dtype='int32')
    x = layers.Embedding(20000, 64)(words)
    for _ in range(2):
        attended = layers.MultiHeadAttention(num_heads=2, key_dim=32)(x, x)
        x = layers.LayerNormalization(epsilon=1e-6)(layers.Add()([x, attended]))
        hidden = layers.Dense(64, activation='relu')(x)
        x = layers.LayerNormalization(epsilon=1e-6)(layers.Add()([x, layers.Dense(64)(hidden)]))
    return keras.Model(words, layers.Dense(classes)(layers.GlobalAveragePooling1D()(x)))


def unet(classes, dropout):
    def doubled(x, filters):
        for _ in range(2):
            x = layers.Conv2D(filters, 3, padding='same', activation='relu')(x)
        return x

    image = layers.Input((128, 128, 3))
    x, skipped = layers.Rescaling(1 / 255)(image), []
    for filters in (32, 64, 128):
        skipped.append(doubled(x, filters))
        x = layers.MaxPooling2D()(skipped[-1])
    x = doubled(x, 256)
    for filters in (128, 64, 32):
        x = layers.Conv2DTranspose(filters, 2, strides=2, padding='same')(x)
        x = doubled(layers.Concatenate()([x, skipped.pop()]), filters)
    return keras.Model(image, layers.Conv2D(classes, 1)(x))


def mobilenetv2(classes, dropout):
    inputs = layers.Input((224, 224, 3))
    scaled = layers.Rescaling(1 / 127.5, offset=-1.0)(inputs)
    features = keras.applications.MobileNetV2(weights=None, include_top=False, input_tensor=scaled).output
    pooled = layers.GlobalAveragePooling2D(name='avg_pool')(features)
    return keras.Model(inputs, layers.Dense(classes, name='predictions')(pooled))


def efficientnetb0(classes, dropout):
    inputs = layers.Input((224, 224, 3))
    features = keras.applications.EfficientNetB0(weights=None, include_top=False, input_tensor=inputs).output
    pooled = layers.GlobalAveragePooling2D(name='avg_pool')(features)
    return keras.Model(inputs, layers.Dense(classes, name='predictions')(pooled))


def build(case, dropout=True):
    """The network of `case`; without dropout when first losses are to be compared (each framework draws its own)."""
    return globals()[case.network](case.classes, dropout)


def compile_for(model, case, **options):
    rates = dict(sgd=keras.optimizers.SGD, adam=keras.optimizers.Adam)
    model.compile(optimizer=rates[case.optimizer](learning_rate=case.learning_rate),
                  loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=['accuracy'], **options)
    return model
