# The rate that the floor of a step is counted in: FLOPs per second of a large f32 matrix product, as PyTorch makes it.
import os
import subprocess

# One core's rate times the cores: a product on all of them waits for whichever is busy with something else. The best of six,
# so that a busy moment does not raise the floor.
PROGRAM = '''
import os, time, torch
torch.set_num_threads(1)
n = 4096
a, b, c = torch.full((n, n), 0.5), torch.full((n, n), 0.25), torch.empty(n, n)
best = float('inf')
for _ in range(6):
    start = time.perf_counter()
    torch.mm(a, b, out=c)
    best = min(best, time.perf_counter() - start)
print(2 * n ** 3 / best * len(os.sched_getaffinity(0)))
'''


def ask(build):
    python = os.path.join(build, 'bench-venv/bin/python')
    return float(subprocess.run([python, '-c', PROGRAM], capture_output=True, text=True, check=True).stdout)
