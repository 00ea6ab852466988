# Contestants that stay loaded take turns, so that a busy moment of the machine hits all of them.
import math
import statistics

from contestants import Failed, title
from progress import say


def seconds_of(contestant, steps):
    """The seconds that `steps` steps took, as the contestant says."""
    answer = contestant.ask('steps', steps)
    if len(answer) != 1 or not (math.isfinite(answer[0]) and answer[0] > 0):
        raise Failed(f'seconds must be a positive number. Got {answer}')
    return answer[0]


def steps_that_take(contestant, seconds):
    """How many steps take about `seconds`, found by doubling (which warms up as well)."""
    steps = 1
    while True:
        taken = seconds_of(contestant, steps)
        if taken >= seconds / 2:
            return max(1, round(steps * seconds / taken))
        steps = max(steps + 1, min(steps * 8, round(steps * seconds / taken)))


def each(running, died, act):
    """{key: act(key, contestant)} of those of `running` that live through it; the others leave it, their fault goes to `died`."""
    found = {}
    for key, contestant in list(running.items()):
        try:
            found[key] = act(key, contestant)
        except Failed as fault:
            say(f'  {key} {fault}')
            died[key] = str(fault)
            running.pop(key).close()
    return found


def take_turns(running, repetitions, seconds, what=''):
    """Seconds a step of each of `running` (a dict of contestants), turn by turn, and why others died: those leave `running`."""
    died, taken = {}, {}

    def count(key, contestant):
        say(f'  {what}: {key} warms up')
        return steps_that_take(contestant, seconds)

    steps = each(running, died, count)
    for turn in range(repetitions):
        say(f'  {what}: turn {turn + 1} of {repetitions}')
        for key, step in each(running, died, lambda key, contestant: seconds_of(contestant, steps[key]) / steps[key]).items():
            taken.setdefault(key, []).append(step)
    return {key: taken[key] for key in running}, died


def start_each(keys, begin):
    """{key: begin(key)}; where one fails, those before it are ended."""
    running = {}
    try:
        for key in keys:
            running[key] = begin(key)
    except Failed:
        for contestant in running.values():
            contestant.close()
        raise
    return running


def all_turns(running, options, what=''):
    """As take_turns, of contestants whose times mean nothing without each other's; ends them."""
    try:
        taken, died = take_turns(running, options.repetitions, options.seconds, what)
    finally:
        for contestant in running.values():
            contestant.close()
    for key, fault in died.items():
        raise Failed(f'{key}: {fault}')
    return taken


def summary(taken):
    """Median and range of one contestant's turns."""
    return dict(median=statistics.median(taken), least=min(taken), most=max(taken), repetitions=len(taken))


def paired(first, second):
    """first ÷ second, turn by turn: what disturbs the machine for a while disturbs both."""
    return summary([one / other for one, other in zip(first, second)])


def to_own(taken):
    """Of each peer, its time ÷ batchwise's turn by turn; nothing where batchwise has none."""
    return {name: paired(turns, taken['batchwise']) for name, turns in taken.items() if name != 'batchwise' and 'batchwise' in taken}


def milliseconds(seconds):
    return f'{seconds * 1e3:.3g}' if seconds < 1 else f'{seconds * 1e3:.0f}'


def shown(found, show=milliseconds):
    """A summary in a table: median (least–most), of a single turn its value alone."""
    if not found:
        return '—'
    if found.get('repetitions') == 1:
        return show(found['median'])
    return f"{show(found['median'])} ({show(found['least'])}–{show(found['most'])})"


def shown_ratio(found):
    return shown(found, lambda ratio: f'{ratio:.3f}')


def cell(answer, name, show=shown):
    """What a table says of a contestant in a row: what it took, or why it has no number."""
    if name in answer['results']:
        return show(answer['results'][name])
    for word in ('died', 'refused'):
        if name in answer.get(word, {}):
            return f'{word}: {answer[word][name]}'
    return '—'


def best_ratio(answer):
    """The fastest peer's time ÷ batchwise's in a table: of the turns where they are known, else of the medians."""
    found = answer['results']
    peers = {name: found[name]['median'] for name in found if not name.startswith('batchwise')}
    if not peers or 'batchwise' not in found:
        return '—'
    best = min(peers, key=peers.get)
    if best in answer.get('ratios', {}):
        return shown(answer['ratios'][best], lambda ratio: f'{ratio:.2f}×')
    return f"{peers[best] / found['batchwise']['median']:.2f}×"


def peaks_table(answers, listed, label):
    """Lines of a second table: the peak resident memory of the contestants' processes, of rows that know it."""
    known = [answer for answer in answers if any('peak' in found for found in answer['results'].values())]
    if not known:
        return []
    lines = ['', '| peak of the process, MiB | ' + ' | '.join(map(title, listed)) + ' |', '|---|' + '---|' * len(listed)]
    for answer in known:
        peaks = [answer['results'].get(name, {}).get('peak') for name in listed]
        lines.append(f"| {label(answer)} | " + ' | '.join(f'{peak / 2**20:,.0f}' if peak else '—' for peak in peaks) + ' |')
    return lines


def died(fault):
    """A row of a question that asks batchwise alone, where it died."""
    say(f'  {fault}')
    return dict(died=dict(batchwise=str(fault)))


def in_table(names, answers):
    """Those of `names` that some row says something of."""
    return [name for name in names if any(name in answer.get(part, {}) for answer in answers for part in ('results', 'died', 'refused'))]
