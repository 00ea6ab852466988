# Draws what was measured as SVGs that need nothing else: lines over a doubling axis, and times as dots beside each other.
import math

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 780, 420, 78, 44, 150, 52
COLOURS = {'batchwise': '#0b6e4f', 'pytorch-eager': '#d1495b', 'pytorch-compile': '#e68a5c', 'keras': '#30638e', 'keras-xla': '#7a6fb0'}
OTHERS = ('#0b6e4f', '#d1495b', '#30638e', '#7a6fb0', '#e68a5c')
FLOOR = '#555555'
ROW, LABELS, LEGEND = 30, 370, 40  # of dots: height of a row, width of its words, height of the legend


class Doubling:
    """An axis whose marks are powers of two, around `values`: where one lies, as a part of its length."""

    def __init__(self, values):
        self.low, self.high = math.floor(math.log2(min(values))), math.ceil(math.log2(max(values)))

    def __call__(self, value):
        return (math.log2(value) - self.low) / max(1, self.high - self.low)

    def ticks(self):
        step = 1 + (self.high - self.low) // 14
        return [2.0**power for power in range(self.low, self.high + 1, step)]


class Even:
    """An axis with marks every `step` from low to high."""

    def __init__(self, low, high, step):
        self.low, self.high, self.step = low, high, step

    def __call__(self, value):
        return (value - self.low) / (self.high - self.low)

    def ticks(self):
        return [self.low + self.step * number for number in range(round((self.high - self.low) / self.step) + 1)]


def megabytes(value):
    return f'{value / 1024:g} GiB' if value >= 1024 else f'{value:g} MiB'


def opening(title, width, height):
    return [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
            f'<rect width="{width}" height="{height}" fill="#ffffff"/>', f'<text x="20" y="24" font-size="15">{title}</text>']


def text(x, y, words, anchor='start', colour='#000000'):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{words}</text>'


def line(x1, y1, x2, y2, colour='#e4e4e4', width=1):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{width}"/>'


def dot(x, y, colour, radius=3):
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{colour}"/>'


def line_chart(title, series, across, show_across, show_up, axes=None):
    """Each of `series` is (words, colour, [(x, y)]), in dots without a line where the words end with '*'; they stand at its end."""
    right = WIDTH - RIGHT
    points = [point for _, _, path in series for point in path]
    along, upward = axes or (Doubling([px for px, _ in points]), Doubling([py for _, py in points]))
    out = opening(title, WIDTH, HEIGHT)

    def x(value):
        return LEFT + (right - LEFT) * along(value)

    def y(value):
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * upward(value)

    for tick in upward.ticks():
        out += [line(LEFT, y(tick), right, y(tick)), text(LEFT - 8, y(tick) + 4, show_up(tick), 'end')]
    for tick in along.ticks():
        out.append(text(x(tick), HEIGHT - BOTTOM + 20, show_across(tick), 'middle'))
    out.append(text((LEFT + right) / 2, HEIGHT - 10, across, 'middle'))
    taken = []
    for words, colour, path in sorted(series, key=lambda each: each[2][-1][1]):
        if not words.endswith('*'):
            joined = ' '.join(f'{x(px):.1f},{y(py):.1f}' for px, py in path)
            out.append(f'<polyline points="{joined}" fill="none" stroke="{colour}" stroke-width="2.5"/>')
        out += [dot(x(px), y(py), colour, 5 if words.endswith('*') else 3) for px, py in path]
        at = y(path[-1][1]) + 4
        while any(abs(at - other) < 15 for other in taken):
            at -= 15
        taken.append(at)
        leftwards = path[-1][0] < path[0][0]
        out.append(text(x(path[-1][0]) + (-10 if leftwards else 10), at, words.rstrip('*'), 'end' if leftwards else 'start', colour))
    return '\n'.join(out + ['</svg>', ''])


def dot_chart(title, rows, titles, across):
    """Times on a line each: `rows` are (words, {contestant: times batchwise's}, floor as a part of batchwise's time)."""
    names = [name for name in COLOURS if any(name in found for _, found, _ in rows)]
    height = TOP + LEGEND + ROW * len(rows) + BOTTOM
    values = [value for _, found, _ in rows for value in found.values()] + [floor for _, _, floor in rows]
    along = Doubling(values)
    out = opening(title, WIDTH, height)

    def x(value):
        return LABELS + (WIDTH - 30 - LABELS) * along(value)

    place = 20
    for words, colour in [*((titles[name], COLOURS[name]) for name in names), ('floor, of direct convolutions', FLOOR)]:
        out += [dot(place, TOP + 8, colour, 5), text(place + 10, TOP + 12, words)]
        place += 30 + 7 * len(words)
    bottom = TOP + LEGEND + ROW * len(rows)
    for tick in along.ticks():
        out += [line(x(tick), TOP + LEGEND - 10, x(tick), bottom), text(x(tick), bottom + 18, f'{tick:g}', 'middle')]
    out.append(text((LABELS + WIDTH - 30) / 2, height - 10, across, 'middle'))
    for number, (words, found, floor) in enumerate(rows):
        y = TOP + LEGEND + ROW * number + ROW / 2
        out += [text(LABELS - 14, y + 4, words, 'end'), line(x(min([floor, *found.values()])), y, x(max(found.values())), y, '#bbbbbb'),
                line(x(floor), y - 7, x(floor), y + 7, FLOOR, 3)]
        out += [dot(x(found[name]), y, COLOURS[name], 5) for name in reversed(names) if name in found]
    return '\n'.join(out + ['</svg>', ''])


def beside_own(answers, titles, title, label):
    """Dots of rows with times of contestants: how many times batchwise's each takes."""
    rows = []
    for answer in answers:
        found = {name: taken['median'] for name, taken in answer['results'].items()}
        if 'batchwise' in found:
            own = found['batchwise']
            rows.append((label(answer), {name: seconds / own for name, seconds in found.items()}, answer['floor'] / own))
    return dot_chart(title, rows, titles, "times batchwise's") if rows else None
