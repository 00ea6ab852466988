# Where a number comes from, as it is kept with every row: processor, memory and commit.
import os
import platform
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
INSTRUCTION_SETS = {'AMX': 'amx_tile', 'AVX-512': 'avx512f', 'AVX2': 'avx2'}  # the best first, with the flag that tells it
SOURCES = (':/src', ':/include', ':/bench', ':(top,exclude)bench/results')  # results change while a run measures


def facts_of(lines):
    """{name: value} of lines such as `MemTotal: 8 kB`; of a name that comes again, the first."""
    found = {}
    for name, _, value in (line.partition(':') for line in lines):
        found.setdefault(name.strip(), value.strip())
    return found


def processor(facts):
    """What is told of it; two processors of one name are often of different families."""
    told = dict(processor=facts.get('model name', platform.machine()))
    if 'cpu family' in facts and 'model' in facts:
        told.update(family=int(facts['cpu family']), model=int(facts['model']))
    flags = facts.get('flags', '').split()
    best = [name for name, flag in INSTRUCTION_SETS.items() if flag in flags]
    return dict(told, instruction_set=best[0]) if best else told


def git(*words):
    """What git says; None where there is no checkout, or no git."""
    try:
        done = subprocess.run(['git', '-C', HERE, *words], capture_output=True, text=True)
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def commit():
    """The commit of the sources, and whether they have changed since."""
    head = git('rev-parse', '--short', 'HEAD')
    return dict(commit=head, changed=bool(git('status', '--porcelain', '--', *SOURCES))) if head else {}


def measured_on():
    with open('/proc/cpuinfo') as cpu, open('/proc/meminfo') as memory:
        told, kibibytes = processor(facts_of(cpu)), int(facts_of(memory)['MemTotal'].split()[0])
    return dict(told, cores=len(os.sched_getaffinity(0)), memory_gib=round(kibibytes / 2**20, 1), kernel=platform.release(), **commit())
