# How many samples a second does a folder of JPEGs of 500 x 375 give at 128 x 128?
import os
import shutil
import statistics
import subprocess

from contestants import Contestant, Failed, command, title

PHOTOS, LOADER_BATCHES, AGREE_ON = 1200, (1, 32, 256), 64
# Of the mean pixel of the first samples. Pillow's decoder and its smoothing resize differ, by less than a grey level.
TOLERANCE = {'batchwise': 1e-4, 'keras': 1e-4, 'pytorch-eager': 1.0}
FLOOR = 'libjpeg-turbo'


def photos(build, inputs):
    folder = os.path.join(inputs, 'photos')
    if not os.path.isdir(folder):
        print(f'input_pipeline: cutting {PHOTOS} photographs', flush=True)
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'photos.py')
        subprocess.run([os.path.join(build, 'bench-venv/bin/python'), script, folder + '.part', str(PHOTOS)], check=True)
        os.rename(folder + '.part', folder)
    return folder


def start(name, build, folder, batch, cache):
    mode = ['cache', cache] if cache else ['plain']
    arguments = [folder, str(batch), *mode]
    if name == FLOOR:
        argv = [os.path.join(build, 'bench_input_pipeline_floor'), folder]
    else:
        argv = command('input_pipeline', name, build, arguments)
    return Contestant(name, build, 'photos', folder, batch, os.path.join(build, f'bench-input-{name}-{batch}-{mode[0]}.log'), argv)


def agree(contestant, reference):
    mean = contestant.ask('losses', AGREE_ON)
    if not mean:
        return reference
    reference = reference or mean[0]
    if abs(mean[0] - reference) > TOLERANCE[contestant.name]:
        raise Failed(f'{title(contestant.name)} does not agree: mean pixel {mean[0]}, not {reference}')
    return reference


def measure(names, build, folder, batch, cached, options):
    running, reference = [], None
    for name in names:
        cache = os.path.join(os.path.abspath(build), f'bench-cache-{name}') if cached else None
        if cache:
            shutil.rmtree(cache, ignore_errors=True)
            os.makedirs(cache)
        contestant = start(name, build, folder, batch, cache)
        try:
            reference = agree(contestant, reference)
            contestant.ask('train')
            running.append(contestant)
        except Failed as fault:
            print(f'  {fault}')
            contestant.close()
    times = {contestant.name: [] for contestant in running}
    for _ in range(options.repetitions):
        for contestant in running:
            times[contestant.name].append(contestant.ask('steps', 1)[0])
    results = {}
    for contestant in running:
        rates = sorted(PHOTOS / seconds for seconds in times[contestant.name])
        results[contestant.name] = dict(median=statistics.median(rates), least=rates[0], most=rates[-1], peak=contestant.close())
    return results


def ask(build, inputs, names, options):
    folder = photos(build, inputs)
    peers = sorted((name for name in names if name in TOLERANCE), key=lambda name: name != 'keras')
    answers = []
    for batch in LOADER_BATCHES:
        print(f'input_pipeline: loader batch {batch}', flush=True)
        answers.append(dict(case=f'loader batch {batch}', results=measure([*peers, FLOOR], build, folder, batch, False, options)))
    print('input_pipeline: second epoch from a cache of decoded samples', flush=True)
    cached = [name for name in peers if name in ('batchwise', 'keras')]
    answers.append(dict(case='second epoch from a cache, loader batch 32', results=measure(cached, build, folder, 32, True, options)))
    return answers


def table(answers, names):
    """Markdown: samples per second, and batchwise against the floor and the best peer."""
    shown = [name for name in ('batchwise', 'keras', 'pytorch-eager', FLOOR) if any(name in answer['results'] for answer in answers)]
    heads = {'keras': 'tf.data', 'pytorch-eager': 'DataLoader', FLOOR: 'libjpeg-turbo alone', 'batchwise': 'batchwise'}
    lines = ['| samples/s: median (least–most) | ' + ' | '.join(heads[name] for name in shown) + ' | of the floor | batchwise ÷ best peer |',
             '|---|' + '---|' * (len(shown) + 2)]
    for answer in answers:
        results = answer['results']
        cells = [f"{results[n]['median']:.0f} ({results[n]['least']:.0f}–{results[n]['most']:.0f})" if n in results else '—' for n in shown]
        own, floor = results.get('batchwise'), results.get(FLOOR)
        best = max((results[n]['median'] for n in ('keras', 'pytorch-eager') if n in results), default=None)
        lines.append(f"| {answer['case']} | " + ' | '.join(cells) + ' | '
                     + (f"{own['median'] / floor['median']:.2f}" if own and floor else '—') + ' | '
                     + (f"{own['median'] / best:.2f}×" if own and best else '—') + ' |')
    return '\n'.join(lines)
