# Training steps in PyTorch, eager or compiled: `pytorch.py CASE FOLDER BATCH_SIZE eager|compile[-bfloat16]`.
import contextlib
import os
import sys
import time

import numpy as np
import torch

import conversation
from cases import CASES
from networks import pytorch_networks


class Loop:
    """A loop that keeps loss and accuracy as tensors, so that no step waits for a number to be read."""

    def __init__(self, case, folder, batch_size, variant, dropout, rows=0, stored=None):
        self.model = pytorch_networks.build(case, os.path.join(folder, 'weights.npz'), dropout).train()
        self.optimizer = pytorch_networks.optimizer_for(self.model, case)
        self.compiled, self.autocast = variant.startswith('compile'), variant.endswith('-bfloat16')
        self.forward = torch.compile(self.model) if self.compiled else self.model
        x = torch.from_numpy(np.load(os.path.join(folder, 'x.npy'))[:stored])
        if x.ndim == 4:
            x = x.permute(0, 3, 1, 2)
        self.x = x if case.channels_last else x.contiguous()
        self.y = torch.from_numpy(np.load(os.path.join(folder, 'y.npy'))[:stored]).long()
        self.batch_size = batch_size
        self.rows = rows or len(self.x)
        self.loss = torch.nn.CrossEntropyLoss()

    def step(self, rows):
        x, y = self.x[rows], self.y[rows]
        self.optimizer.zero_grad(set_to_none=True)
        with torch.autocast('cpu', torch.bfloat16) if self.autocast else contextlib.nullcontext():
            logits = self.forward(x)
        loss = self.loss(logits.float() if self.autocast else logits, y)
        loss.backward()
        self.optimizer.step()
        self.loss_sum += loss.detach() * y.numel()
        self.right += (logits.detach().argmax(1) == y).sum()
        self.samples += y.numel()

    def begin_epoch(self):
        self.loss_sum, self.right, self.samples = torch.zeros(()), torch.zeros((), dtype=torch.int64), 0

    def steps(self, shuffle):
        while True:
            self.begin_epoch()
            order = torch.randperm(self.rows) if shuffle else torch.arange(self.rows)
            if self.rows > len(self.x):
                order %= len(self.x)
            for first in range(0, len(order), self.batch_size):
                self.step(order[first:first + self.batch_size])
                yield self

    def compile_both_sizes(self):
        """So that the last batch of an epoch, which is smaller, is not compiled for while somebody counts seconds."""
        self.begin_epoch()
        for size in (self.batch_size, self.rows % self.batch_size):
            if size:
                self.step(torch.arange(size) % len(self.x))


def mean_loss(loop):
    return (loop.loss_sum / loop.samples).item()


def main():
    case, folder, batch_size, variant = CASES[sys.argv[1]], sys.argv[2], int(sys.argv[3]), sys.argv[4]
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    timed = None
    for word, count in conversation.requests():
        if word == 'losses':
            few, asked = count * batch_size, conversation.PASSES * count
            steps = Loop(case, folder, batch_size, variant, False, conversation.PASSES * few, few).steps(shuffle=False)
            conversation.answer('losses', *[mean_loss(next(steps)) for _ in range(asked)])
        elif word == 'train':
            loop = Loop(case, folder, batch_size, variant, dropout=True, rows=count)
            if loop.compiled:
                loop.compile_both_sizes()
            timed = loop.steps(shuffle=True)
            next(timed)
            conversation.answer('ready')
        elif word == 'steps':
            start = time.perf_counter()
            for _ in range(count):
                next(timed)
            conversation.answer('seconds', time.perf_counter() - start)
    conversation.answer('peak', conversation.peak_bytes())


main()
