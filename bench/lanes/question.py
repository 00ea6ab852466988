# What do more lanes bring? Steps on one lane, on two, and so on up to all cores, in turns; instructions on the longest way, counted for lanes that this machine lacks.
import os

from cases import CASES
from contestants import Failed, start
from lanes.instructions import COUNTED, LANES, counted, few_rows
from progress import say
from turns import all_turns, died, milliseconds, paired, shown_ratio, start_each, summary


def doubled():
    """1, 2, 4 … and all cores of this machine."""
    cores = max(2, len(os.sched_getaffinity(0)))
    return sorted({1 << power for power in range(cores.bit_length())} | {cores})


def timed(build, case, folder, batch_size, options):
    running = start_each(doubled(), lambda lanes: start(build, 'lanes', case, folder, batch_size, f'lanes={lanes}'))
    taken = all_turns(running, options, f'{case.name}, batch {batch_size}, lanes')
    return dict(case=case.name, title=case.title, batch_size=batch_size,
                steps={str(lanes): summary(turns) for lanes, turns in taken.items()},
                ratios={str(lanes): paired(taken[1], turns) for lanes, turns in taken.items() if lanes > 1})


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


def table(answers, names):
    """Markdown: measured on the lanes of this machine, then counted on up to 64."""
    timed_rows = [answer for answer in answers if 'instructions' not in answer]
    lines = []
    if timed_rows:
        more = sorted({lanes for answer in timed_rows for lanes in answer.get('ratios', {})}, key=int)
        lines += ['| step | one lane, ms | ' + ' | '.join(f'one ÷ {lanes} lanes: median (least–most)' for lanes in more) + ' |',
                  '|---|---|' + '---|' * len(more)]
        for answer in timed_rows:
            lines.append(f"| {answer['title']}, batch {answer['batch_size']} | {one_lane(answer)} | "
                         + ' | '.join(shown_ratio(answer.get('ratios', {}).get(lanes)) for lanes in more) + ' |')
    counted_rows = [answer for answer in answers if 'instructions' in answer]
    if counted_rows:
        lines += ['', '| instructions of one lane ÷ those of the busiest thread, at lanes | ' + ' | '.join(map(str, LANES)) + ' |',
                  '|---|' + '---|' * len(LANES)]
        for answer in counted_rows:
            one = answer['instructions']['1']['busiest']
            cells = [f"{one / answer['instructions'][str(lanes)]['busiest']:.1f}" for lanes in LANES]
            lines.append(f"| {answer['title']}, batch {answer['batch_size']} | " + ' | '.join(cells) + ' |')
    return '\n'.join(lines)
