# How much memory does a training process need as its batch grows? Peak resident bytes after three steps.
import os

import inputs as case_inputs
from cases import CASES
from contestants import Contestant, Failed, title
from picture import COLOURS, line_chart, megabytes
from progress import say
from training_step.first_losses import start_agreeing
from turns import in_table

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
    except Failed:
        contestant.close()
        raise
    found = contestant.close()
    if not found:
        raise Failed('gave no peak')
    return found


def expected(sizes, peaks, batch_size):
    """What the next batch size would need, if bytes per sample go on as between the last two."""
    if len(peaks) < 2:
        return 0
    return peaks[-1] + (peaks[-1] - peaks[-2]) / (sizes[-1] - sizes[-2]) * (batch_size - sizes[-1])


def agreeing(names, case, build, folder, batch_size):
    """Who may be measured: those whose losses agree, at one batch size and in processes of their own; and why the others may not."""
    running, refused, compared = start_agreeing(case, folder, batch_size, names, build, 'memory-losses')
    for contestant in running.values():
        contestant.close()
    return [name for name in names if name in running], refused, compared


def ask(build, inputs, names, options):
    case = CASES['cnn128']
    if options.cases and case.name not in options.cases:
        return
    names, refused, compared = agreeing(names, case, build, os.path.join(inputs, case.name), case.batch_sizes[0])
    folder = os.path.join(inputs, f'{case.name}-{STORED_ROWS}-rows')
    case_inputs.write_in(build, [(case.name, STORED_ROWS, folder)])
    answer = dict(case=case.name, title=case.title, results={}, refused=refused, died={}, compared_with=compared, too_much={})
    for name in names:
        sizes, peaks = [], []
        for batch_size in options.batch_sizes:
            foreseen = expected(sizes, peaks, batch_size)
            if foreseen > SHARE_OF_FREE * free_bytes():
                answer['too_much'][name] = dict(batch_size=batch_size, foreseen=int(foreseen))
                break
            say(f'memory_over_batch_size: {title(name)}, batch {batch_size}')
            try:
                peaks.append(peak(name, case, batch_size, build, folder))
            except Failed as fault:
                say(f'  {title(name)}: {fault}')
                answer['died'][name] = f'{fault} at batch {batch_size}'
                break
            sizes.append(batch_size)
        answer['results'][name] = dict(batch_sizes=sizes, peak_bytes=peaks)
    yield answer


def repeated(options):
    return ''  # a peak is not a time


def row(answer):
    return answer['case'],


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
    for name in in_table(names, answers):
        found = answer['results'].get(name, dict(batch_sizes=[], peak_bytes=[]))
        by_size = dict(zip(found['batch_sizes'], found['peak_bytes']))
        faults = [f' ({word}: {answer[word][name]})' for word in ('refused', 'died') if name in answer.get(word, {})]
        lines.append(f"| {title(name)}{''.join(faults)} | " + ' | '.join(f'{by_size[size] / 2**20:.0f}' if size in by_size else '—' for size in sizes)
                     + ' |')
    lines += ['', '| largest batch size within | ' + ' | '.join(f'{limit} GiB' for limit in LIMITS) + ' |', '|---|' + '---|' * len(LIMITS)]
    for name in names:
        found = answer['results'].get(name)
        if found and found['batch_sizes']:
            lines.append(f'| {title(name)} | ' + ' | '.join(largest_within(found, limit * 2**30) for limit in LIMITS) + ' |')
    return '\n'.join(lines)


def picture(answers, titles):
    (answer,) = answers
    series = [(titles[name], COLOURS[name], [(size, peak / 2**20) for size, peak in zip(found['batch_sizes'], found['peak_bytes'])])
              for name, found in answer['results'].items() if found['batch_sizes']]
    title = f"{answer['title']}: peak memory of the training process"
    return line_chart(title, series, 'batch size', '{:g}'.format, megabytes) if series else None
