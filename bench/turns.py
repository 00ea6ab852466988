# Contestants that stay loaded take turns, so that a busy moment of the machine hits all of them.
import statistics


def steps_that_take(contestant, seconds):
    """How many steps take about `seconds`, found by doubling (which warms up as well)."""
    steps = 1
    while True:
        taken = contestant.ask('steps', steps)[0]
        if taken >= seconds / 2:
            return max(1, round(steps * seconds / taken))
        steps = max(steps + 1, min(steps * 8, round(steps * seconds / max(taken, 1e-6))))


def take_turns(running, repetitions, seconds):
    """Seconds a step of each of `running` (a dict of contestants), turn by turn."""
    steps = {key: steps_that_take(contestant, seconds) for key, contestant in running.items()}
    taken = {key: [] for key in running}
    for _ in range(repetitions):
        for key, contestant in running.items():
            taken[key].append(contestant.ask('steps', steps[key])[0] / steps[key])
    return taken


def summary(taken):
    """Median and range of one contestant's turns."""
    return dict(median=statistics.median(taken), least=min(taken), most=max(taken), repetitions=len(taken))


def paired(first, second):
    """first ÷ second, turn by turn: what disturbs the machine for a while disturbs both."""
    return summary([one / other for one, other in zip(first, second)])


def milliseconds(seconds):
    return f'{seconds * 1e3:.3g}' if seconds < 1 else f'{seconds * 1e3:.0f}'


def shown(found, show=milliseconds):
    """A summary in a table: median (least–most)."""
    return f"{show(found['median'])} ({show(found['least'])}–{show(found['most'])})" if found else '—'


def shown_ratio(found):
    return shown(found, lambda ratio: f'{ratio:.3f}')
