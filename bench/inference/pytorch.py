# Predictions in PyTorch, eager or compiled: `pytorch.py CASE FOLDER BATCH_SIZE eager|compile`.
import os
import sys
import time

import numpy as np
import torch

import conversation
from cases import CASES
from networks import pytorch_networks


def main():
    case, folder, batch_size, variant = CASES[sys.argv[1]], sys.argv[2], int(sys.argv[3]), sys.argv[4]
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    model = pytorch_networks.build(case, os.path.join(folder, 'weights.npz'), False).eval()
    if variant == 'compile':
        model = torch.compile(model)
    stored = np.load(os.path.join(folder, 'x.npy'))
    x = torch.from_numpy(stored[np.arange(batch_size) % len(stored)])
    if x.ndim == 4:
        x = x.permute(0, 3, 1, 2)
        if not case.channels_last:
            x = x.contiguous()
    with torch.inference_mode():
        for word, count in conversation.requests():
            if word == 'outputs':
                conversation.answer('outputs', *model(x).numpy().ravel()[:count].tolist())
            elif word == 'steps':
                start = time.perf_counter()
                for _ in range(count):
                    model(x).numpy()
                conversation.answer('seconds', time.perf_counter() - start)
    conversation.answer('peak', conversation.peak_bytes())


main()
