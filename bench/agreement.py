# Do contestants agree? Numbers that are missing or not finite agree with nothing.
import math


def keras_first(names):
    """The order of comparing: Keras speaks for all, since its weights are what everybody started from."""
    return sorted(names, key=lambda name: not name.startswith('keras'))


def far_apart(values, count, reference, limit):
    """What is wrong with `values`, in words, or None. `count`: how many there must be; `limit(i)`: how far value i may be from
    the reference's; without a reference the values need only be numbers."""
    if len(values) != count:
        return f'{len(values)} values, not {count}'
    for i, mine in enumerate(values):
        if not math.isfinite(mine):
            return f'value {i + 1} is {mine}'
        if reference and not abs(mine - reference[i]) <= limit(i):
            return f'value {i + 1} is {mine:.9g}, not {reference[i]:.9g}'
    return None
