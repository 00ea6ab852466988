# The rate of a large f32 matrix product on all cores, by the fastest library at hand: what the floor of a step is counted in.
import os
import subprocess
import sys
import time


def measure(repetitions=7, size=4096):
    """FLOPs per second; the best of the repetitions, since a floor must not be raised by a busy moment."""
    import torch
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    a, b = torch.randn(size, size), torch.randn(size, size)
    out = torch.mm(a, b)
    best = float('inf')
    for _ in range(repetitions):
        start = time.perf_counter()
        torch.mm(a, b, out=out)
        best = min(best, time.perf_counter() - start)
    return 2 * size ** 3 / best


def ask(build):
    python = os.path.join(build, 'bench-venv/bin/python')
    return float(subprocess.run([python, __file__], capture_output=True, text=True, check=True).stdout)


if __name__ == '__main__':
    print(measure())
    sys.exit(0)
