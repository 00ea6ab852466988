# Draws memory over batch size as an SVG that needs nothing else.
import math

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 760, 420, 70, 44, 150, 52
COLOURS = {'batchwise': '#0b6e4f', 'pytorch-eager': '#d1495b', 'pytorch-compile': '#e68a5c', 'keras': '#30638e', 'keras-xla': '#7a6fb0'}


def megabytes(value):
    return f'{value / 1024:g} GiB' if value >= 1024 else f'{value:g} MiB'


def draw(answer, titles):
    lines = {name: found for name, found in answer['results'].items() if found['batch_sizes']}
    sizes = sorted({size for found in lines.values() for size in found['batch_sizes']})
    peaks = [peak / 2**20 for found in lines.values() for peak in found['peak_bytes']]
    low, high = math.floor(math.log2(min(peaks))), math.ceil(math.log2(max(peaks)))

    def x(size):
        span = max(1e-9, math.log2(sizes[-1]) - math.log2(sizes[0]))
        return LEFT + (WIDTH - LEFT - RIGHT) * (math.log2(size) - math.log2(sizes[0])) / span

    def y(mebibytes):
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (math.log2(mebibytes) - low) / max(1, high - low)

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
           f'<text x="{LEFT}" y="24" font-size="15">{answer["title"]}: peak memory of the training process</text>']
    for power in range(low, high + 1):
        out.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(2**power):.1f}" y2="{y(2**power):.1f}" stroke="#e4e4e4"/>'
                   f'<text x="{LEFT - 8}" y="{y(2**power) + 4:.1f}" text-anchor="end">{megabytes(2.0**power)}</text>')
    for size in sizes:
        out.append(f'<text x="{x(size):.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{size}</text>')
    out.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 10}" text-anchor="middle">batch size</text>')
    taken = []
    for name, found in sorted(lines.items(), key=lambda item: item[1]['peak_bytes'][-1]):
        points = [(x(size), y(peak / 2**20)) for size, peak in zip(found['batch_sizes'], found['peak_bytes'])]
        path = ' '.join(f'{px:.1f},{py:.1f}' for px, py in points)
        out.append(f'<polyline points="{path}" fill="none" stroke="{COLOURS[name]}" stroke-width="2.5"/>')
        out += [f'<circle cx="{px:.1f}" cy="{py:.1f}" r="3" fill="{COLOURS[name]}"/>' for px, py in points]
        label = points[-1][1] + 4
        while any(abs(label - other) < 15 for other in taken):
            label -= 15
        taken.append(label)
        out.append(f'<text x="{points[-1][0] + 10:.1f}" y="{label:.1f}" fill="{COLOURS[name]}">{titles[name]}</text>')
    return '\n'.join(out + ['</svg>', ''])
