# Samples of a folder of JPEGs in PyTorch's DataLoader with Pillow: `pytorch.py FOLDER LOADER_BATCH plain`.
import glob
import os
import sys
import time

import numpy as np
import torch
from PIL import Image

import conversation


class Photos(torch.utils.data.Dataset):
    def __init__(self, folder):
        self.paths = sorted(glob.glob(os.path.join(folder, '*/*.jpg')))

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, i):
        image = Image.open(self.paths[i]).convert('RGB').resize((128, 128), Image.Resampling.BILINEAR)
        return torch.from_numpy(np.array(image, dtype=np.float32)), i


def main():
    photos, batch = Photos(sys.argv[1]), int(sys.argv[2])
    # Workers that stay between epochs.
    loader = torch.utils.data.DataLoader(photos, batch_size=batch, num_workers=len(os.sched_getaffinity(0)), persistent_workers=True,
                                         prefetch_factor=2)

    def epoch():
        return sum(float(images[0, 64, 0, 0]) for images, _ in loader)

    for word, count in conversation.requests():
        if word == 'losses':
            conversation.answer('losses', float(torch.stack([photos[i][0] for i in range(count)]).double().mean()))
        elif word == 'train':
            epoch()
            conversation.answer('ready')
        elif word == 'steps':
            start = time.perf_counter()
            for _ in range(count):
                epoch()
            conversation.answer('seconds', time.perf_counter() - start)
    conversation.answer('peak', conversation.peak_bytes())


main()
