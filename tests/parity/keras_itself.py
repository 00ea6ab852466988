"""Comparisons of what batchwise and Keras compute, and how far Keras is from itself: what no other program can be expected to agree with.

REQUIRES: the backend is chosen by who imports this.
"""
import collections
import json

import keras
import numpy as np

BATCH = 8


def distance(ours, theirs, what):
    ours, theirs = np.asarray(ours, "float64"), np.asarray(theirs, "float64")
    assert ours.shape == theirs.shape, f"{what}: the shape {ours.shape} instead of {theirs.shape}"
    assert np.isfinite(ours).all() or not np.isfinite(theirs).all(), f"{what}: not finite"
    return float(np.abs(ours - theirs).max()) if theirs.size else 0.0


class Comparison:
    """What was compared, how far apart it is, and how far it may be: a share of the whole array, as single small elements may round apart."""

    def __init__(self):
        self.apart, self.allowed, self.scale = {}, {}, {}

    def close(self, ours, theirs, what, loose=1.0, least=1e-3):
        self.apart[what] = max(distance(ours, theirs, what), self.apart.get(what, 0.0))
        self.scale[what] = max(float(np.abs(theirs).max(initial=0.0)), least)
        self.allowed[what] = loose * 2e-4 * self.scale[what]

    def states(self, ours, theirs, what, loose):
        # By place: Keras numbers the layers that it makes again anew.
        for place, (a, b) in enumerate(zip(ours.weights, theirs.weights, strict=True)):
            self.close(a, b, f"{what}: weight {place}, {b.name}", loose, 1e-2)  # before a normalisation the gradient of a bias is rounding alone
        ours_variables, their_variables = ours.optimizer.variables, theirs.optimizer.variables
        assert len(ours_variables) == len(their_variables), f"{what}: {len(ours_variables)} optimizer variables instead of {len(their_variables)}"
        for place, (a, b) in enumerate(zip(ours_variables, their_variables)):
            self.close(a, b, f"{what}: variable {place} of the optimizer", loose * 5)

    def failures(self):
        return [what for what, apart in self.apart.items() if not apart <= self.allowed[what]]


def names_of_outputs(model):
    return getattr(model, "output_names", None) or [model.layers[-1].name]


def alone(values):
    return values if len(values) > 1 else values[0]


CHAOTIC = 0.1
TRAINED, IN_KERAS, IN_BATCHWISE = "after training", "continued in Keras", "continued in batchwise"
Trained = collections.namedtuple("Trained", "predicted history")


def keras_trains(model, x, y):
    predicted = model.predict(alone(x), batch_size=BATCH, verbose=0)
    history = model.fit(alone(x), alone(y), batch_size=BATCH, epochs=2, shuffle=False, verbose=0).history
    return Trained(predicted if isinstance(predicted, list) else [predicted], history)


def go_on(model, x, y):
    model.fit(alone(x), alone(y), batch_size=BATCH, epochs=1, shuffle=False, verbose=0)


def moved_by_one_rounding(file, rng):
    model = keras.saving.load_model(file)
    model.run_eagerly = True
    for variable in model.weights:
        value = np.asarray(variable)
        if value.dtype == np.float32:
            variable.assign(np.nextafter(value, value + rng.integers(-1, 2, size=value.shape).astype("float32")))
    return model


def in_doubles(file):
    """The model with everything in float64. REQUIRES: float64 is Keras's float type, until it is trained."""
    model = keras.saving.load_model(file)
    config = json.dumps(keras.saving.serialize_keras_object(model)).replace('"float32"', '"float64"')
    doubled = keras.saving.deserialize_keras_object(json.loads(config))
    doubled.set_weights([np.asarray(value, "float64") if np.asarray(value).dtype == np.float32 else value for value in model.weights])
    doubled.run_eagerly = True
    return doubled


def distances_from(twin, trained, model, theirs, x, y):
    """How far a twin comes from Keras's own run at each thing that is compared."""
    own = Comparison()
    trains = keras_trains(twin, x, y)
    for name, a, b in zip(names_of_outputs(model), trains.predicted, theirs.predicted):
        own.close(a, b, f"prediction {name}")
    for key in theirs.history:
        own.close(trains.history[key], theirs.history[key], f"history {key}")
    own.states(twin, trained, TRAINED, 1)
    go_on(twin, x, y)
    for ends in (IN_KERAS, IN_BATCHWISE):
        own.states(twin, model, ends, 1)
    return own.apart


def allow_what_keras_differs_from_itself(comparison, start, trained, model, theirs, x, y, rng, twins=4):
    """Some models turn a rounding into a step: an activation at its kink, a clipped gradient, a division by almost nothing. How much is measured:
    Keras trains twins whose first weights are one rounding away, and one in float64. Four times the farthest twin's distance is allowed too; where
    that is a tenth of the numbers themselves, Keras does not say what they should be."""
    trained = keras.saving.load_model(trained)
    found = [distances_from(moved_by_one_rounding(start, rng), trained, model, theirs, x, y) for _ in range(twins)]
    keras.config.set_floatx("float64")
    try:
        wide = [value.astype("float64") if value.dtype == np.float32 else value for value in x]
        found.append(distances_from(in_doubles(start), trained, model, theirs, wide, y))
    finally:
        keras.config.set_floatx("float32")
    for apart in found:
        for what, distance_from_itself in apart.items():
            chaotic = distance_from_itself > CHAOTIC * comparison.scale[what]
            comparison.allowed[what] = max(comparison.allowed[what], np.inf if chaotic else 4 * distance_from_itself)
    return True
