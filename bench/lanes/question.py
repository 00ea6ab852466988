# What do more lanes bring? Steps on one lane, on two, and so on up to all cores, in turns; instructions on the longest way, counted for lanes that this machine lacks.
import os

from cases import CASES
from contestants import Contestant, Failed
from lanes.instructions import COUNTED, LANES, counted, few_rows
from turns import milliseconds, paired, shown_ratio, summary, take_turns


def start(build, case, folder, batch_size, lanes):
    contestant = Contestant('batchwise', build, case.name, folder, batch_size, os.path.join(build, 'bench-lanes.log'),
                            [os.path.join(build, 'bench_training_step'), case.name, folder, str(batch_size), f'lanes={lanes}'])
    contestant.ask('train')
    contestant.ask('steps', 1)
    return contestant


def doubled():
    """1, 2, 4 … up to the cores of this machine."""
    cores = len(os.sched_getaffinity(0))
    return [1 << power for power in range(max(2, cores).bit_length())]


def timed(build, case, folder, batch_size, options):
    running = {lanes: start(build, case, folder, batch_size, lanes) for lanes in doubled()}
    taken = take_turns(running, options.repetitions, options.seconds)
    for contestant in running.values():
        contestant.close()
    return dict(case=case.name, title=case.title, batch_size=batch_size,
                steps={str(lanes): summary(turns) for lanes, turns in taken.items()},
                ratios={str(lanes): paired(taken[1], turns) for lanes, turns in taken.items() if lanes > 1})


def ask(build, inputs, names, options):
    if 'batchwise' not in names:
        return []
    answers = []
    for case in CASES.values():
        if options.cases and case.name not in options.cases:
            continue
        for batch_size in case.batch_sizes:
            print(f'lanes: {case.title}, batch {batch_size}', flush=True)
            try:
                answers.append(timed(build, case, os.path.join(inputs, case.name), batch_size, options))
            except Failed as fault:
                print(f'  {fault}')
    for name, batch_size in COUNTED.items():
        if not options.quick and (not options.cases or name in options.cases):
            print(f'lanes: instructions of {CASES[name].title}, batch {batch_size}', flush=True)
            answers.append(dict(case=name, title=CASES[name].title, batch_size=batch_size,
                                instructions=counted(build, name, few_rows(build, inputs, name), batch_size)))
    return answers


def table(answers, names):
    """Markdown: measured on the lanes of this machine, then counted on up to 64."""
    timed_rows = [answer for answer in answers if 'ratios' in answer]
    lines = []
    if timed_rows:
        more = list(timed_rows[0]['ratios'])
        lines += ['| step | one lane, ms | ' + ' | '.join(f'one ÷ {lanes} lanes: median (least–most)' for lanes in more) + ' |',
                  '|---|---|' + '---|' * len(more)]
        for answer in timed_rows:
            lines.append(f"| {answer['title']}, batch {answer['batch_size']} | {milliseconds(answer['steps']['1']['median'])} | "
                         + ' | '.join(shown_ratio(answer['ratios'][lanes]) for lanes in more) + ' |')
    counted_rows = [answer for answer in answers if 'instructions' in answer]
    if counted_rows:
        lines += ['', '| instructions of one lane ÷ those of the busiest thread, at lanes | ' + ' | '.join(map(str, LANES)) + ' |',
                  '|---|' + '---|' * len(LANES)]
        for answer in counted_rows:
            one = answer['instructions']['1']['busiest']
            cells = [f"{one / answer['instructions'][str(lanes)]['busiest']:.1f}" for lanes in LANES]
            lines.append(f"| {answer['title']}, batch {answer['batch_size']} | " + ' | '.join(cells) + ' |')
    return '\n'.join(lines)
