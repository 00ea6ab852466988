# How much memory does a training process need as its batch grows? Peak resident bytes after three steps.
import dataclasses
import os

import inputs as case_inputs
from cases import CASES
from contestants import Contestant, Failed, title

STORED_ROWS = 64            # the data themselves stay small, whatever the batch size
LIMITS = (1, 2, 4)          # GiB
SHARE_OF_FREE = 0.7         # a contestant that would need more than this of the free memory is not started


def free_bytes():
    with open('/proc/meminfo') as facts:
        return next(int(line.split()[1]) * 1024 for line in facts if line.startswith('MemAvailable:'))


def peak(name, case, batch_size, build, folder):
    contestant = Contestant(name, build, case.name, folder, batch_size, os.path.join(build, f'bench-memory-{name}-{batch_size}.log'))
    try:
        contestant.ask('train', 4 * batch_size)
        contestant.ask('steps', 2)
    except Failed as fault:
        print(f'  {fault}')
    return contestant.close()


def expected(sizes, peaks, batch_size):
    """What the next batch size would need, if bytes per sample go on as between the last two."""
    if len(peaks) < 2:
        return 0
    return peaks[-1] + (peaks[-1] - peaks[-2]) / (sizes[-1] - sizes[-2]) * (batch_size - sizes[-1])


def ask(build, inputs, names, options):
    case = dataclasses.replace(CASES['cnn128'], rows=STORED_ROWS)
    folder = os.path.join(inputs, 'cnn128-few-rows')
    case_inputs.write_in(build, [(case.name, STORED_ROWS, folder)])
    answer = dict(case=case.name, title=case.title, results={}, too_much={})
    for name in names:
        sizes, peaks = [], []
        for batch_size in options.batch_sizes:
            foreseen = expected(sizes, peaks, batch_size)
            if foreseen > SHARE_OF_FREE * free_bytes():
                answer['too_much'][name] = dict(batch_size=batch_size, foreseen=int(foreseen))
                break
            print(f'memory_over_batch_size: {title(name)}, batch {batch_size}', flush=True)
            found = peak(name, case, batch_size, build, folder)
            if not found:
                break
            sizes.append(batch_size)
            peaks.append(found)
        answer['results'][name] = dict(batch_sizes=sizes, peak_bytes=peaks)
    return [answer]


def largest_within(found, limit):
    """The largest batch size whose peak is at most `limit` bytes, on straight lines between those measured."""
    sizes, peaks = found['batch_sizes'], found['peak_bytes']
    if peaks[-1] <= limit:
        return f'{sizes[-1]} and more'
    fits = [i for i, peak in enumerate(peaks) if peak <= limit]
    if not fits:
        return 'none'
    i = fits[-1]
    return f'{sizes[i] + int((limit - peaks[i]) * (sizes[i + 1] - sizes[i]) / (peaks[i + 1] - peaks[i]))}'


def table(answers, names):
    (answer,) = answers
    sizes = sorted({size for found in answer['results'].values() for size in found['batch_sizes']})
    lines = [f"| {answer['title']}: peak of the process, MiB, at batch size | " + ' | '.join(map(str, sizes)) + ' |',
             '|---|' + '---|' * len(sizes)]
    for name in names:
        found = answer['results'].get(name)
        if not found or not found['batch_sizes']:
            continue
        by_size = dict(zip(found['batch_sizes'], found['peak_bytes']))
        lines.append(f'| {title(name)} | ' + ' | '.join(f'{by_size[size] / 2**20:.0f}' if size in by_size else '—' for size in sizes)
                     + ' |')
    lines += ['', '| largest batch size within | ' + ' | '.join(f'{limit} GiB' for limit in LIMITS) + ' |', '|---|' + '---|' * len(LIMITS)]
    for name in names:
        found = answer['results'].get(name)
        if found and found['batch_sizes']:
            lines.append(f'| {title(name)} | ' + ' | '.join(largest_within(found, limit * 2**30) for limit in LIMITS) + ' |')
    return '\n'.join(lines)
