# How many samples a second does a folder of JPEGs of 500 x 375 give at 128 x 128?
import os
import shutil

import programs
from agreement import far_apart
from contestants import Contestant, Failed, command
from progress import say
from turns import cell, each, in_table, seconds_of, shown, summary

PHOTOS, LOADER_BATCHES, AGREE_ON = 1200, (1, 32, 256), 64
NETWORK = 'cnn128'  # that trains from the folder, of images of its size
# Training from the folder: its peak must not grow with the batch. An epoch goes TIMES times through the photographs.
# In TIGHT memory few decoded images are held: every epoch decodes the others, as the first one does anywhere.
TRAINING_BATCHES, MEMORY, TIGHT, TIMES = (256, 2048), '512M', '128M', 4
# The memory of the process over the loader's batch: of loops over a loader, and of training with a batch of its own.
MEMORY_LOADER_BATCHES, MEMORY_TRAINING_BATCH, COPIES = (1, 32, 256, 2048), 256, 4
# Of the mean pixel of the first samples. Pillow's decoder and its smoothing resize differ, by less than a grey level.
TOLERANCE = {'batchwise': 1e-4, 'keras': 1e-4, 'pytorch-eager': 1.0}
FLOOR = 'libjpeg-turbo'


def photos(build, inputs):
    folder = os.path.join(inputs, 'photos')
    if not os.path.isdir(folder):
        say(f'input_pipeline: cutting {PHOTOS} photographs')
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'photos.py')
        shutil.rmtree(folder + '.part', ignore_errors=True)
        programs.run('cutting photographs', [os.path.join(build, 'bench-venv/bin/python'), script, folder + '.part', str(PHOTOS)],
                     os.path.join(build, 'bench-photos.log'), f'Delete {build}/bench-venv, and scikit-image is installed anew.')
        os.rename(folder + '.part', folder)
    return folder


def copies_of(photos):
    """More photographs than the largest loader batch takes: links to the same files."""
    folder = photos + '-copies'
    if not os.path.isdir(folder):
        shutil.rmtree(folder + '.part', ignore_errors=True)  # of a run that was killed: no link is made twice
        for copy in range(COPIES):
            shutil.copytree(photos, folder + '.part', dirs_exist_ok=True,
                            copy_function=lambda a, b, copy=copy: os.link(a, f'{b[:-4]}-{copy}.jpg'))
        os.rename(folder + '.part', folder)
    return folder


def start(name, build, folder, batch, *mode):
    arguments = [folder, str(batch), *mode]
    if name == FLOOR:
        argv = [os.path.join(build, 'bench_input_pipeline_floor'), folder]
    else:
        argv = command('input_pipeline', name, build, arguments)
    return Contestant(name, build, 'photos', folder, batch, os.path.join(build, f'bench-input-{name}-{batch}-{mode[0]}.log'), argv)


def agree(contestant, reference):
    mean = contestant.ask('losses', AGREE_ON)
    if contestant.name == FLOOR:  # decodes, and does not resize: its pixels are others
        return reference
    fault = far_apart(mean, 1, reference, lambda i: TOLERANCE[contestant.name])
    if fault:
        raise Failed('mean pixel: ' + fault)
    return reference or mean


def modes_of(names, build):
    """What runs: the row of the table, the contestant, and how it reads; every cache is made anew."""
    for name, cached in names:
        cache = os.path.join(os.path.abspath(build), f'bench-cache-{name}')
        if cached:
            shutil.rmtree(cache, ignore_errors=True)
            os.makedirs(cache)
        yield name if cached or (name, True) not in names else f'{name}-uncached', name, ('cache', cache) if cached else ('plain',)


def samples_per_second(running, samples, options):
    """Samples per second of each, and the peak memory of its process. `running`: contestants by the row that they stand in."""
    times, died = {}, {}
    for turn in range(options.repetitions):
        say(f'  turn {turn + 1} of {options.repetitions}')
        for row, seconds in each(running, died, lambda row, contestant: seconds_of(contestant, 1)).items():
            times.setdefault(row, []).append(samples[row] / seconds)
    results = {row: dict(summary(times[row]), peak=contestant.close()) for row, contestant in running.items()}
    return dict(results=results, died=died)


def measure(names, build, folder, batch, options):
    running, refused, reference = {}, {}, None
    for row, name, mode in modes_of(names, build):
        contestant = start(name, build, folder, batch, *mode)
        try:
            reference = agree(contestant, reference)
            contestant.ask('train')
            running[row] = contestant
        except Failed as fault:
            say(f'  {row} {fault}')
            refused[row] = str(fault)
            contestant.close()
    return dict(samples_per_second(running, dict.fromkeys(running, PHOTOS), options), refused=refused)


def measure_training(build, inputs, folder, batch, options):
    """fit on the folder against what it cannot beat: decoding alone, and training alone."""
    model = os.path.join(inputs, NETWORK, 'model.keras')
    modes = {'decode alone': ('plain',)}
    for mode, row, memory in (('train', 'from the folder', MEMORY), ('train', 'decoding again', TIGHT),
                              ('train-alone', 'training alone', MEMORY)):
        modes[row] = (mode, model, memory, str(TIMES))
    running, samples, refused = {}, {}, {}
    for row, mode in modes.items():
        contestant = start('batchwise', build, folder, 32 if mode[0] == 'plain' else batch, *mode)
        try:
            contestant.ask('train')
            running[row], samples[row] = contestant, PHOTOS * (1 if mode[0] == 'plain' else TIMES)
        except Failed as fault:
            say(f'  {row} {fault}')
            refused[row] = str(fault)
            contestant.close()
    return dict(samples_per_second(running, samples, options), refused=refused)


def peak_after_an_epoch(name, build, folder, batch, *mode):
    contestant = start(name, build, folder, batch, *mode)
    try:
        contestant.ask('train')
    except Failed:
        contestant.close()
        raise
    peak = contestant.close()
    if not peak:
        raise Failed('gave no peak')
    return peak


def measure_memory(names, build, inputs, folder, loader_batch):
    """Peak bytes: of a loop over the batches of each loader; of batchwise training from the folder through its loader."""
    asked = {f'{name} loop': (name, loader_batch, 'plain') for name in names}
    if 'batchwise' in names:
        model = os.path.join(inputs, NETWORK, 'model.keras')
        asked['batchwise training'] = 'batchwise', MEMORY_TRAINING_BATCH, 'train', model, MEMORY, '1', str(loader_batch)
    peaks, died = {}, {}
    for row, (name, batch, *mode) in asked.items():
        try:
            peaks[row] = peak_after_an_epoch(name, build, folder, batch, *mode)
        except Failed as fault:
            say(f'  {row} {fault}')
            died[row] = str(fault)
    return dict(memory=peaks, died=died)


def ask(build, inputs, names, options):
    if options.cases and NETWORK not in options.cases:
        return
    folder = photos(build, inputs)
    peers = sorted((name for name in names if name in TOLERANCE), key=lambda name: name != 'keras')
    for batch in LOADER_BATCHES if not options.quick else (32,):
        say(f'input_pipeline: loader batch {batch}')
        yield dict(case=f'loader batch {batch}', **measure([(name, False) for name in [*peers, FLOOR]], build, folder, batch, options))
    if not options.quick:
        yield from more_than_loops(build, inputs, folder, peers, options)


def more_than_loops(build, inputs, folder, peers, options):
    say('input_pipeline: second epoch from a cache of decoded samples')
    cached = [(name, True) for name in peers if name in ('batchwise', 'keras')] + [('keras', False)] * ('keras' in peers)
    yield dict(case='second epoch from a cache, loader batch 32', **measure(cached, build, folder, 32, options))
    if 'batchwise' in peers:
        for batch in TRAINING_BATCHES:
            say(f'input_pipeline: training from the folder in {MEMORY}, batch {batch}')
            yield dict(case=f'training the 128×128 CNN in {MEMORY}, batch {batch}', training=True,
                       **measure_training(build, inputs, folder, batch, options))
    for batch in MEMORY_LOADER_BATCHES:
        say(f'input_pipeline: memory, loader batch {batch}')
        yield dict(case=f'loader batch {batch}', **measure_memory(peers, build, inputs, copies_of(folder), batch))


def repeated(options):
    return f'{options.repetitions} turns of an epoch'


def row(answer):
    return answer['case'], 'memory' in answer


def rate(found):
    return shown(found, '{:.0f}'.format)


def ratio(results, row, other, digits=2):
    return f"{results[row]['median'] / results[other]['median']:.{digits}f}" if row in results and other in results else '—'


def training_table(answers):
    lines = ['', '| samples/s: median (least–most) | from the folder | decode alone | training alone | of the slower of both '
             f'| peak memory | in {TIGHT}, decoding nine of ten in every epoch | of the slower |', '|---|---|---|---|---|---|---|---|']
    for answer in answers:
        results = answer['results']
        alone = [row for row in ('decode alone', 'training alone') if row in results]
        slower = min(alone, key=lambda row: results[row]['median'], default='')
        peak = f"{results['from the folder']['peak'] / 2**20:.0f} MiB" if 'from the folder' in results else '—'
        lines.append(f"| {answer['case']} | {cell(answer, 'from the folder', rate)} | {cell(answer, 'decode alone', rate)} | "
                     f"{cell(answer, 'training alone', rate)} | {ratio(results, 'from the folder', slower)} | {peak} | "
                     f"{cell(answer, 'decoding again', rate)} | {ratio(results, 'decoding again', slower)} |")
    return lines


def memory_table(answers):
    heads = {'batchwise training': f'batchwise: fit, batch {MEMORY_TRAINING_BATCH}, in {MEMORY}', 'batchwise loop': 'batchwise: a loop',
             'keras loop': 'tf.data: a loop', 'pytorch-eager loop': 'DataLoader: a loop, without its workers'}
    lines = ['', '| peak memory of the process, MiB | ' + ' | '.join(answer['case'] for answer in answers) + ' |',
             '|---|' + '---|' * len(answers)]
    for row, head in heads.items():
        cells = [memory_cell(answer, row) for answer in answers]
        if set(cells) != {'—'}:
            lines.append(f'| {head} | ' + ' | '.join(cells) + ' |')
    return lines


def memory_cell(answer, row):
    """The peak, or why there is none."""
    if row in answer['memory']:
        return f"{answer['memory'][row] / 2**20:.0f}"
    died = answer.get('died', {})
    return f'died: {died[row]}' if row in died else '—'


def table(answers, names):
    """Markdown: samples per second, and batchwise against the floor and the best peer; then training from the folder."""
    loops = [answer for answer in answers if not answer.get('training') and 'memory' not in answer]
    rows = ('batchwise', 'keras', 'keras-uncached', 'pytorch-eager', FLOOR)
    listed = in_table(rows, loops)
    heads = {'keras': 'tf.data', 'keras-uncached': 'tf.data without cache', 'pytorch-eager': 'DataLoader',
             FLOOR: 'libjpeg-turbo alone', 'batchwise': 'batchwise'}
    lines = ['| samples/s: median (least–most) | ' + ' | '.join(heads[name] for name in listed)
             + ' | of the floor | batchwise ÷ best peer |',
             '|---|' + '---|' * (len(listed) + 2)]
    for answer in loops:
        results = answer['results']
        best = max((name for name in rows[1:4] if name in results), key=lambda name: results[name]['median'], default='')
        times = ratio(results, 'batchwise', best)
        lines.append(f"| {answer['case']} | " + ' | '.join(cell(answer, name, rate) for name in listed)
                     + f" | {ratio(results, 'batchwise', FLOOR)} | {times}{'' if times == '—' else '×'} |")
    training = [answer for answer in answers if answer.get('training')]
    memory = [answer for answer in answers if 'memory' in answer]
    return '\n'.join(lines + (training_table(training) if training else []) + (memory_table(memory) if memory else []))
