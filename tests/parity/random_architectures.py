"""The random models of the parity test: families of architectures, drawn from what is supported."""
import keras
from keras import layers as L

o = keras.optimizers
s = keras.optimizers.schedules

# Everything that may be drawn, for the list of what is not there yet.
POOL = {
    "Dense", "Activation", "BatchNormalization", "LayerNormalization", "Conv1D", "Conv2D", "Conv3D", "DepthwiseConv2D", "SeparableConv2D",
    "Conv2DTranspose", "MaxPooling1D", "MaxPooling2D", "AveragePooling2D", "GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalMaxPooling1D",
    "GlobalMaxPooling2D", "Flatten", "Reshape", "Permute", "RepeatVector", "ZeroPadding2D", "Cropping2D", "UpSampling2D", "Add", "Subtract",
    "Multiply", "Average", "Maximum", "Minimum", "Concatenate", "Embedding", "LSTM", "GRU", "SimpleRNN", "Bidirectional", "TimeDistributed",
    "MultiHeadAttention", "Attention", "GroupNormalization", "UnitNormalization", "RMSNormalization", "PReLU", "LeakyReLU", "ELU", "ReLU", "Softmax",
    "EinsumDense", "Masking", "ops.numpy.Add", "ops.numpy.Multiply", "ops.numpy.Subtract", "SGD", "RMSprop", "Adam", "AdamW", "Adamax", "Nadam",
    "Adagrad", "Adadelta", "Ftrl", "Lion", "Lamb", "Adafactor", "Muon", "SpectralNormalization", "STFTSpectrogram", "ops.numpy.Take", "ops.numpy.Cumsum",
}


def pick(rng, options):
    return options[int(rng.integers(len(options)))]


def whether(rng, chance=0.5):
    return bool(rng.random() < chance)


class Drawing:
    """Draws among layers that batchwise knows."""

    def __init__(self, rng, known):
        self.rng, self.known = rng, known

    def has(self, *names):
        return all(name in self.known for name in names)

    def activation(self):
        return pick(self.rng, ["relu", "tanh", "sigmoid", "elu", "softplus", "gelu", "silu", "linear", None])

    def regularizer(self):
        return pick(self.rng, [None, None, None, keras.regularizers.L2(0.01), keras.regularizers.L1L2(0.002, 0.003)])

    def dense(self, units=None):
        return L.Dense(units or int(self.rng.integers(2, 9)), activation=self.activation(), use_bias=whether(self.rng, 0.8), kernel_regularizer=self.regularizer())

    def normalization(self, x):
        options = [name for name in ("BatchNormalization", "LayerNormalization", "RMSNormalization", "UnitNormalization") if self.has(name)]
        name = pick(self.rng, options)
        return getattr(L, name)(**({"momentum": 0.8} if name == "BatchNormalization" else {}))(x)

    def merge(self, tensors):
        names = [n for n in ("Add", "Average", "Multiply", "Maximum", "Minimum", "Concatenate") if self.has(n)]
        names += ["Subtract"] if len(tensors) == 2 and self.has("Subtract") else []
        names += ["+"] if len(tensors) == 2 and self.has("ops.numpy.Add") else []
        name = pick(self.rng, names)
        if name == "+":
            return tensors[0] + tensors[1]
        return getattr(L, name)()(tensors)

    def heads(self, x):
        """One or two outputs, with what each is trained on."""
        outputs, task = [], []
        for i in range(2 if whether(self.rng, 0.25) else 1):
            kind = pick(self.rng, ["sparse", "categorical", "binary", "number", "number"])
            activation = {"sparse": "softmax", "categorical": "softmax", "binary": "sigmoid"}.get(kind)
            units = int(self.rng.integers(2, 5)) if activation == "softmax" else int(self.rng.integers(1, 4))
            outputs.append(L.Dense(units, activation=activation, name=f"head_{i}")(x))
            task.append(kind)
        return outputs, task


def mlp(rng, known):
    d = Drawing(rng, known)
    model = keras.Sequential([keras.Input((int(rng.integers(3, 9)),))], name="mlp")
    for _ in range(int(rng.integers(1, 4))):
        model.add(d.dense())
        if whether(rng, 0.4):
            model.add(L.BatchNormalization(momentum=0.8, center=whether(rng, 0.8), scale=whether(rng, 0.8)))
        extra = [n for n in ("ReLU", "LeakyReLU", "ELU", "PReLU") if d.has(n)]
        if whether(rng, 0.4) and extra:
            model.add(getattr(L, pick(rng, extra))())
    kind = pick(rng, ["sparse", "number", "binary"])
    model.add(L.Dense(3 if kind == "sparse" else 2, activation={"sparse": "softmax", "binary": "sigmoid"}.get(kind)))
    return model, [kind]


def graph(rng, known):
    d = Drawing(rng, known)
    width = int(rng.integers(3, 7))
    inputs = [keras.Input((width,), name=f"in_{i}") for i in range(int(rng.integers(1, 3)))]
    shared = d.dense(width)
    tensors = [shared(x) for x in inputs]
    for _ in range(int(rng.integers(2, 6))):
        x = pick(rng, tensors)
        choice = rng.random()
        if choice < 0.4:
            tensors.append(d.dense(width)(x))
        elif choice < 0.55:
            tensors.append(shared(x))
        elif choice < 0.7:
            tensors.append(d.normalization(x))
        else:
            y = d.merge([x, pick(rng, tensors[:-1] or tensors)])
            tensors.append(y if y.shape[-1] == width else d.dense(width)(y))
    outputs, task = d.heads(L.Concatenate()(tensors[-2:]) if len(tensors) > 1 else tensors[0])
    used = {x.name for x in inputs}
    return keras.Model(inputs, outputs, name="graph") if used else None, task


def nested(rng, known):
    d = Drawing(rng, known)
    width = int(rng.integers(3, 7))
    inner_input = keras.Input((width,))
    inner = keras.Model(inner_input, d.normalization(d.dense(width)(inner_input)), name="inner")
    tail = keras.Sequential([keras.Input((width,)), d.dense(width), d.dense(4)], name="tail")
    if whether(rng, 0.3):
        inner.layers[1].trainable = False
    x = keras.Input((width,), name="x")
    y = inner(x)
    y = inner(d.dense(width)(y)) if whether(rng) else y
    outputs, task = d.heads(tail(y))
    return keras.Model(x, outputs, name="outer"), task


def cnn(rng, known):
    d = Drawing(rng, known)
    x = inputs = keras.Input((int(rng.integers(8, 13)), int(rng.integers(8, 13)), int(rng.integers(1, 4))))
    for _ in range(int(rng.integers(1, 3))):
        kinds = [n for n in ("Conv2D", "Conv2D", "DepthwiseConv2D", "SeparableConv2D", "Conv2DTranspose") if d.has(n)]
        kind = pick(rng, kinds)
        filters = () if kind == "DepthwiseConv2D" else (int(rng.integers(2, 6)),)
        padding = pick(rng, ["same", "valid"]) if min(x.shape[1:3]) > 4 else "same"
        x = getattr(L, kind)(*filters, pick(rng, [1, 2, 3, (3, 2)]), padding=padding, strides=pick(rng, [1, 1, 2]), activation=d.activation())(x)
        if whether(rng, 0.4):
            x = d.normalization(x)
        extra = [n for n in ("MaxPooling2D", "AveragePooling2D", "ZeroPadding2D", "UpSampling2D", "Cropping2D") if d.has(n)]
        if whether(rng, 0.5) and min(x.shape[1:3]) > 3:
            name = pick(rng, extra)
            x = getattr(L, name)(*([2] if name == "AveragePooling2D" else []))(x)
    x = L.Flatten()(x) if whether(rng) else getattr(L, pick(rng, ["GlobalAveragePooling2D", "GlobalMaxPooling2D"]))()(x)
    outputs, task = d.heads(x)
    return keras.Model(inputs, outputs, name="cnn"), task


def rnn(rng, known):
    d = Drawing(rng, known)
    kinds = [n for n in ("LSTM", "GRU", "SimpleRNN") if d.has(n)]
    if not kinds:
        return mlp(rng, known)
    words = d.has("Embedding") and whether(rng)
    x = inputs = keras.Input((6,), dtype="int32") if words else keras.Input((6, int(rng.integers(2, 5))))
    if words:
        x = L.Embedding(12, 5, mask_zero=whether(rng))(x)
    for last in ([False, True] if whether(rng) else [True]):
        backwards = whether(rng, 0.2)
        layer = getattr(L, pick(rng, kinds))(int(rng.integers(2, 6)), return_sequences=not last, go_backwards=backwards)
        # Keras 3.15 makes the other direction of a backward layer backward too, and refuses it.
        if d.has("Bidirectional") and not backwards and whether(rng, 0.4):
            layer = L.Bidirectional(layer, merge_mode=pick(rng, ["concat", "sum", "ave"]))
        x = layer(x)
    outputs, task = d.heads(x)
    return keras.Model(inputs, outputs, name="rnn"), task


def transformer(rng, known):
    d = Drawing(rng, known)
    if not d.has("MultiHeadAttention", "LayerNormalization", "GlobalAveragePooling1D"):
        return graph(rng, known)
    width = 2 * int(rng.integers(2, 4))
    x = inputs = keras.Input((5, width))
    for _ in range(int(rng.integers(1, 3))):
        attended = L.MultiHeadAttention(2, width // 2)(x, x, use_causal_mask=whether(rng, 0.3))
        x = L.LayerNormalization()(L.Add()([x, attended]))
        x = L.LayerNormalization()(L.Add()([x, L.Dense(width)(d.dense(2 * width)(x))]))
    outputs, task = d.heads(L.GlobalAveragePooling1D()(x))
    return keras.Model(inputs, outputs, name="transformer"), task


def masks(rng, known):
    """Steps that do not count, through merges."""
    d = Drawing(rng, known)
    inputs = [keras.Input((5,), dtype="int32", name=f"words_{i}") for i in range(2)]
    tensors = [L.Embedding(12, 4, mask_zero=whether(rng, 0.7))(x) for x in inputs]
    merged = pick(rng, [L.Concatenate(axis=1), L.Concatenate(), L.Add(), L.Average(), L.Maximum()])(tensors)
    layer = pick(rng, [L.LSTM, L.GRU, L.SimpleRNN])(4, return_sequences=whether(rng))
    x = layer(merged)
    outputs, task = d.heads(L.GlobalAveragePooling1D()(x) if len(x.shape) == 3 else x)
    return keras.Model(inputs, outputs, name="masks"), task


def signals(rng, known):
    """Kernels divided by their norms, spectra."""
    d = Drawing(rng, known)
    if not d.has("SpectralNormalization", "STFTSpectrogram"):
        return mlp(rng, known)
    divided = lambda layer: L.SpectralNormalization(layer, power_iterations=int(rng.integers(1, 3)))  # noqa: E731
    if whether(rng):
        x = inputs = keras.Input((int(rng.integers(16, 33)), int(rng.integers(1, 3))))
        mode = pick(rng, ["log", "magnitude", "psd", "real", "imag", "stft"])
        x = L.STFTSpectrogram(mode=mode, frame_length=8, frame_step=pick(rng, [2, 4]), padding=pick(rng, ["same", "valid"]))(x)
        x = divided(L.Conv1D(3, 2, activation="tanh"))(x)
    else:
        x = inputs = keras.Input((6, 7, 2))
        x = divided(L.Conv2D(3, 2, activation=d.activation()))(x)
    outputs, task = d.heads(divided(L.Dense(4))(L.Flatten()(x)))
    return keras.Model(inputs, outputs, name="signals"), task


def centred(ops, x):
    mean, variance = ops.moments(x, axes=[1], keepdims=True)
    return (x - mean) * ops.rsqrt(variance + 0.1)


def attended(ops, x):
    return ops.dot_product_attention(x, ops.tanh(x), x, is_causal=True)


def operations(rng, known):
    """Arithmetic between layers, as Keras writes it."""
    d = Drawing(rng, known)
    ops = keras.ops
    table = rng.uniform(-1, 1, size=(3, 3)).astype("float32")
    pool = {
        "numpy.Take": lambda x: ops.take(x, [2, 0, -1, 1], axis=1), "numpy.Roll": lambda x: ops.roll(x, 1, axis=1),
        "numpy.Cumsum": lambda x: ops.cumsum(x, axis=1) * 0.3, "core.StopGradient": lambda x: x * ops.stop_gradient(ops.sigmoid(x)),
        "numpy.Moveaxis": lambda x: ops.moveaxis(ops.moveaxis(x, 1, 2), 2, 1) - 0.1, "numpy.Tril": lambda x: ops.tril(x), "numpy.Triu": lambda x: ops.triu(x, k=-1),
        "numpy.Where": lambda x: ops.where(x > 0, x, 0.1 * x), "numpy.Clip": lambda x: ops.clip(x, -1, 1.5), "numpy.FullLike": lambda x: ops.maximum(x, ops.full_like(x, -0.2)),
        "nn.OneHot": lambda x: x + ops.one_hot(ops.argmax(x, axis=-1), 3), "numpy.Average": lambda x: x - ops.expand_dims(ops.average(x, axis=1), 1),
        "numpy.Arctan2": lambda x: ops.arctan2(x, 2.0 + ops.square(x)), "numpy.OnesLike": lambda x: x + ops.ones_like(x) * 0.5,
        "numpy.Median": lambda x: x - ops.median(x, axis=1, keepdims=True), "numpy.Quantile": lambda x: x - ops.quantile(x, 0.3, axis=1, keepdims=True),
        "numpy.Nanmean": lambda x: x - ops.nanmean(x, axis=1, keepdims=True), "numpy.Nanvar": lambda x: x * ops.nanvar(x, axis=1, keepdims=True),
        "numpy.Cumprod": lambda x: ops.cumprod(0.5 + ops.sigmoid(x), axis=1), "nn.Moments": lambda x: centred(ops, x),
        "nn.LayerNorm": lambda x: ops.layer_normalization(x, epsilon=0.1), "nn.RMSNorm": lambda x: ops.rms_normalization(x, axis=1, epsilon=0.1),
        "numpy.Matmul": lambda x: ops.matmul(x, table), "numpy.Dot": lambda x: ops.dot(x, table), "numpy.Tensordot": lambda x: ops.tensordot(x, table, axes=1),
        "numpy.Einsum": lambda x: ops.einsum("bij,jk,bik->bik", x, table, x), "numpy.Inner": lambda x: ops.inner(x, table),
        "numpy.Cross": lambda x: ops.cross(x, ops.roll(x, 1, axis=1) + 0.5), "numpy.Diff": lambda x: ops.pad(ops.diff(x, axis=1), ((0, 0), (1, 0), (0, 0))),
        "numpy.Trapezoid": lambda x: x + 0.1 * ops.expand_dims(ops.trapezoid(x, axis=1), 1), "numpy.Rot90": lambda x: ops.rot90(ops.tanh(ops.rot90(x, axes=(1, 2))), k=3, axes=(1, 2)),
        "numpy.Fliplr": lambda x: 0.5 * x + ops.fliplr(x), "numpy.Hstack": lambda x: ops.hstack([x, -x])[:, 2:6], "numpy.Append": lambda x: ops.append(x, x, axis=1)[:, 1:5],
        "numpy.ArraySplit": lambda x: ops.concatenate(ops.array_split(x, 3, axis=1)[::-1], axis=1), "numpy.Diagonal": lambda x: x + ops.expand_dims(ops.diagonal(x, axis1=1, axis2=2), 1),
        "core.Slice": lambda x: ops.concatenate([ops.slice(x, [0, 1, 0], [-1, 3, 3]), ops.slice(x, [0, 0, 0], [-1, 1, 3])], axis=1),
        "math.Erfc": ops.erfc, "math.Erfinv": lambda x: ops.erfinv(0.9 * ops.tanh(x)), "numpy.Sinc": ops.sinc, "numpy.I0": lambda x: ops.i0(ops.tanh(x)),
        "numpy.Cbrt": lambda x: ops.cbrt(1.0 + ops.square(x)), "numpy.Exp2": lambda x: ops.exp2(ops.tanh(x)), "numpy.Fmax": lambda x: ops.fmax(x, 0.1 - x),
        "numpy.Logaddexp2": lambda x: ops.logaddexp2(x, 0.5 * ops.square(x)), "nn.MaxPool": lambda x: ops.max_pool(x, 2, strides=1, padding="same"),
        "nn.AveragePool": lambda x: ops.average_pool(x, 3, strides=1, padding="same"), "math.CDist": lambda x: 0.1 * ops.matmul(ops.cdist(x, x + 1.0), x),
        "nn.DotProductAttention": lambda x: ops.squeeze(attended(ops, ops.expand_dims(x, 2)), 2), "numpy.Greater": lambda x: x * (x > -0.2) + ops.argmax(x, axis=-1, keepdims=True) * 0.1,
        "numpy.Select": lambda x: ops.select([x > 0.5, x < -0.5], [0.5 * x + 0.25, 0.2 * x - 0.4], x),
    }
    pool = {name: make for name, make in pool.items() if d.has("ops." + name)}
    x = inputs = keras.Input((4, 3))
    for _ in range(int(rng.integers(2, 5))):
        x = L.Dense(3, activation=d.activation())(pool[pick(rng, sorted(pool))](x))
    outputs, task = d.heads(L.Flatten()(x))
    return keras.Model(inputs, outputs, name="operations"), task


FAMILIES = {"mlp": mlp, "cnn": cnn, "graph": graph, "rnn": rnn, "nested": nested, "transformer": transformer, "masks": masks, "signals": signals,
            "operations": operations}

LOSSES = {"sparse": ["sparse_categorical_crossentropy"], "categorical": ["categorical_crossentropy", "kl_divergence"],
          "binary": ["binary_crossentropy", "mse"], "number": ["mse", "mae", "huber", "log_cosh"]}
METRICS = {"sparse": ["accuracy"], "categorical": ["accuracy"], "binary": ["mae"], "number": ["mae", "mse"]}


def random_compile(rng, known, task):
    """Settings of compile, and words for the report. Epsilons are large, so that rounding is not made into signs."""
    d = Drawing(rng, known)
    rate = float(pick(rng, [0.003, 0.01, 0.03]))
    if whether(rng, 0.3):
        rate = pick(rng, [s.ExponentialDecay(rate, 3, 0.8), s.CosineDecay(rate, 10), s.PiecewiseConstantDecay([2, 4], [rate, rate / 2, rate / 4])])
    common = pick(rng, [{}, {}, {"clipnorm": 0.5}, {"clipvalue": 0.2}, {"global_clipnorm": 1.0}, {"use_ema": True, "ema_momentum": 0.9}, {"weight_decay": 0.01}])
    pool = {
        "SGD": lambda: o.SGD(rate, momentum=pick(rng, [0.0, 0.9]), nesterov=whether(rng), **common),
        "RMSprop": lambda: o.RMSprop(rate, momentum=pick(rng, [0.0, 0.5]), centered=whether(rng), epsilon=1e-2, **common),
        "Adam": lambda: o.Adam(rate, amsgrad=whether(rng), epsilon=1e-2, **common),
        "AdamW": lambda: o.AdamW(rate, epsilon=1e-2), "Adamax": lambda: o.Adamax(rate, epsilon=1e-2), "Nadam": lambda: o.Nadam(rate, epsilon=1e-2),
        "Adagrad": lambda: o.Adagrad(rate), "Adadelta": lambda: o.Adadelta(rate, epsilon=1e-2), "Ftrl": lambda: o.Ftrl(rate),
        "Lamb": lambda: o.Lamb(rate, epsilon=1e-2), "Adafactor": lambda: o.Adafactor(rate, epsilon_1=1e-4),
    }
    name = pick(rng, [n for n in pool if d.has(n)])
    losses = [pick(rng, LOSSES[kind]) for kind in task]
    metrics = [[pick(rng, METRICS[kind])] if whether(rng, 0.7) else [] for kind in task]
    settings = {"optimizer": pool[name](), "loss": losses if len(task) > 1 else losses[0]}
    settings["metrics"] = metrics if len(task) > 1 else metrics[0]
    if len(task) > 1 and whether(rng):
        settings["loss_weights"] = [0.5, 2.0]
    return settings, name
