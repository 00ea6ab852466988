# What do more lanes bring, and what could they on this machine? Steps on one lane, on two, and so on up to all cores, and one lane in each of as many processes, in turns; instructions counted for lanes that it lacks.
import concurrent.futures
import os

from cases import CASES
from contestants import Failed, start
from lanes.instructions import COUNTED, LANES, counted, few_rows
from progress import say
from turns import died, milliseconds, paired, seconds_of, shown_ratio, start_each, steps_that_take, summary


def doubled():
    """1, 2, 4 … and all cores of this machine."""
    cores = max(2, len(os.sched_getaffinity(0)))
    return sorted({1 << power for power in range(cores.bit_length())} | {cores})


def beside(processes, steps):
    """Seconds of a step of processes that all take `steps` at once, the mean of them."""
    with concurrent.futures.ThreadPoolExecutor(len(processes)) as pool:
        return sum(pool.map(lambda process: seconds_of(process, steps) / steps, processes)) / len(processes)


def in_turns(of_lanes, others, options, what):
    """Seconds of a step on each number of lanes, turn by turn; under 'beside' of one lane in each of the processes."""
    one = of_lanes[1]
    steps = {lanes: steps_that_take(process, options.seconds) for lanes, process in of_lanes.items()}
    taken = {key: [] for key in [*of_lanes, 'beside']}
    for turn in range(options.repetitions):
        say(f'  {what}: turn {turn + 1} of {options.repetitions}')
        for lanes, process in of_lanes.items():
            taken[lanes].append(seconds_of(process, steps[lanes]) / steps[lanes])
        taken['beside'].append(beside([one, *others], steps[1]))
    return taken


def timed(build, case, folder, batch_size, options):
    counts = doubled()
    keys = [*counts, *(f'other-{number}' for number in range(1, counts[-1]))]
    running = start_each(keys, lambda key: start(build, 'lanes', case, folder, batch_size, f'lanes={key if key in counts else 1}'))
    others = [running[key] for key in keys if key not in counts]
    try:
        taken = in_turns({lanes: running[lanes] for lanes in counts}, others, options, f'{case.name}, batch {batch_size}, lanes')
    finally:
        for process in running.values():
            process.close()
    return dict(case=case.name, title=case.title, batch_size=batch_size,
                steps={str(lanes): summary(turns) for lanes, turns in taken.items()},
                ratios={str(lanes): paired(taken[1], taken[lanes]) for lanes in counts if lanes > 1},
                processes=dict(paired([counts[-1] * one for one in taken[1]], taken['beside']), count=counts[-1]))


def ask(build, inputs, names, options):
    if 'batchwise' not in names:
        return
    for case in CASES.values():
        if options.cases and case.name not in options.cases:
            continue
        for batch_size in case.batch_sizes:
            say(f'lanes: {case.title}, batch {batch_size}')
            try:
                yield timed(build, case, os.path.join(inputs, case.name), batch_size, options)
            except Failed as fault:
                yield dict(case=case.name, title=case.title, batch_size=batch_size, **died(fault))
    for name, batch_size in COUNTED.items():
        if not options.quick and (not options.cases or name in options.cases):
            say(f'lanes: instructions of {CASES[name].title}, batch {batch_size}')
            yield dict(case=name, title=CASES[name].title, batch_size=batch_size,
                       instructions=counted(build, name, few_rows(build, inputs, name), batch_size))


def one_lane(answer):
    return milliseconds(answer['steps']['1']['median']) if 'steps' in answer else f"died: {answer['died']['batchwise']}"


def share(answer):
    """What all lanes bring of what processes without anything in common bring on the same cores."""
    if 'processes' not in answer:
        return '—'
    most = answer['ratios'][str(answer['processes']['count'])]
    return f"{100 * most['median'] / answer['processes']['median']:.0f} %"


def table(answers, names):
    """Markdown: measured on the lanes of this machine, beside what its cores could do, then counted on up to 64."""
    timed_rows = [answer for answer in answers if 'instructions' not in answer]
    lines = []
    if timed_rows:
        more = sorted({lanes for answer in timed_rows for lanes in answer.get('ratios', {})}, key=int)
        lines += ['| step | one lane, ms | ' + ' | '.join(f'one ÷ {lanes} lanes: median (least–most)' for lanes in more)
                  + ' | as many processes of one lane | share of it |', '|---|---|' + '---|' * (len(more) + 2)]
        for answer in timed_rows:
            lines.append(f"| {answer['title']}, batch {answer['batch_size']} | {one_lane(answer)} | "
                         + ' | '.join(shown_ratio(answer.get('ratios', {}).get(lanes)) for lanes in more)
                         + f" | {shown_ratio(answer.get('processes'))} | {share(answer)} |")
    counted_rows = [answer for answer in answers if 'instructions' in answer]
    if counted_rows:
        lines += ['', '| instructions of one lane ÷ those of the busiest thread, at lanes | ' + ' | '.join(map(str, LANES)) + ' |',
                  '|---|' + '---|' * len(LANES)]
        for answer in counted_rows:
            one = answer['instructions']['1']['busiest']
            cells = [f"{one / answer['instructions'][str(lanes)]['busiest']:.1f}" for lanes in LANES]
            lines.append(f"| {answer['title']}, batch {answer['batch_size']} | " + ' | '.join(cells) + ' |')
    return '\n'.join(lines)
