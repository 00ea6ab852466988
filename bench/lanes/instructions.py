# Instructions of a training step on each thread, counted by callgrind: what limits more lanes than the machine has cores.
import os
import re
import shutil

import inputs as case_inputs
import programs

LANES = (1, 4, 16, 64)
STORED_ROWS = 1024  # standing for all that are trained on: a process that counts instructions is slow to start
COUNTED = {'mlp': 4096, 'mnist_cnn': 1024}  # batch sizes of enough grains for 64 lanes
STEPS = (1, 2)  # two runs: their difference is without the start of the process


def threads_of(build, case, folder, batch_size, steps, words):
    """Instructions of each thread of a whole process, the main thread first."""
    out = os.path.join(build, 'bench-callgrind')
    shutil.rmtree(out, ignore_errors=True)
    os.makedirs(out)
    command = ['valgrind', '--tool=callgrind', '--separate-threads=yes', f'--callgrind-out-file={out}/counts',
             os.path.join(build, 'bench_training_step'), case, folder, str(batch_size), *words]
    cure = '`make everything` builds bench_training_step.'
    if not shutil.which('valgrind'):
        cure = '`make setup` installs the Debian package valgrind.'
    programs.run('counting instructions', command, out + '.log', cure,
words=f'train {4 * batch_size}\nsteps {steps}\nquit\n')
    counts = {}
    for name in os.listdir(out):
        with open(os.path.join(out, name)) as file:
            text = file.read()
        thread, total = re.search(r'^thread: (\d+)', text, re.M), re.search(r'^(?:totals|summary): (\d+)', text, re.M)
        if thread and total:
            counts[int(thread[1])] = int(total[1])
    return [counts[thread] for thread in sorted(counts)]


def of_a_step(build, case, folder, batch_size, *words, steps=STEPS):
    """Instructions of each thread in a training step, the mean of those between two numbers of steps."""
    few, many = (threads_of(build, case, folder, batch_size, count, words) for count in steps)
    return [(more - less) / (steps[1] - steps[0]) for less, more in zip(few, many)]


def few_rows(build, inputs, case):
    """The folder of the case's inputs with few samples stored."""
    folder = os.path.join(inputs, f'{case}-{STORED_ROWS}-rows')  # other questions store other numbers of rows
    case_inputs.write_in(build, [(case, STORED_ROWS, folder)])
    return folder


def counted(build, case, folder, batch_size):
    """Of each number of lanes: instructions of a step, of the busiest thread and of all."""
    found = {}
    for lanes in LANES:
        step = of_a_step(build, case, folder, batch_size, f'lanes={lanes}')
        found[str(lanes)] = dict(busiest=max(step), all=sum(step))
    return found
