# How the orchestrator and a contestant talk: one request per line on standard input, one answer per line on standard output.
#
#   losses K        -> "losses v1 ... v4K": running means of the loss over 4K steps that go over the first K batches again and
#                      again, rows in stored order, no dropout. (Of input_pipeline: the mean pixel of the first K samples.)
#   train [ROWS]    -> "ready" after the first step of the timed training (shuffling, dropout, loss and accuracy kept);
#                      with ROWS the stored rows stand for that many, one after another again and again
#   steps N         -> "seconds S" that N further steps took
#   outputs K       -> "outputs v1 ... vK": the first K numbers that a contestant of the question inference predicts
#   quit            -> "peak B": the peak resident bytes of the process
import sys

PASSES = 4  # of the steps that "losses" are asked of, over its batches


def peak_bytes():
    with open('/proc/self/status') as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith('VmHWM:'))


def requests():
    for line in sys.stdin:
        words = line.split()
        if not words or words[0] == 'quit':
            break
        yield words[0], int(words[1]) if len(words) > 1 else 0


def answer(word, *values):
    print(word, *values, flush=True)
