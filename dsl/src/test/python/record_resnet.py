"""Records how PyTorch trains a narrow ResNet-18 with batch normalisation, for ResNetTest to compare with.

    pip install torch numpy
    python record_resnet.py ../resources/dev/fluxion/dsl/layer/resnet-run.txt

The build does not need this script or Python. Weights, images and labels come from SplitMix64, so none are stored. A line for each step
has the loss in float32 and how far such a run may be off: the largest gap so far between it and runs in which a hundredth of the
weights is one unit in the last place off. The last line has the loss in evaluation mode in the same way.
"""

import sys

import numpy as np
import torch
from torch import nn

from splitmix import SplitMix64

WIDTH, SIZE, BATCH, BATCHES, STEPS, CLASSES, RUNS = 8, 64, 16, 3, 50, 10, 3


class Block(nn.Module):
    def __init__(self, before, width, stride):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(before, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(),
            nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width))
        same = stride == 1 and before == width
        self.shortcut = nn.Identity() if same else nn.Sequential(
            nn.Conv2d(before, width, 1, stride, bias=False), nn.BatchNorm2d(width))

    def forward(self, x):
        return nn.functional.relu(self.shortcut(x) + self.body(x))


def net():
    w = WIDTH
    blocks = [Block(before * w, width * w, stride) for before, width, stride in
              [(1, 1, 1), (1, 1, 1), (1, 2, 2), (2, 2, 1), (2, 4, 2), (4, 4, 1), (4, 8, 2), (8, 8, 1)]]
    return nn.Sequential(
        nn.Conv2d(3, w, 7, 2, 3, bias=False), nn.BatchNorm2d(w), nn.ReLU(), nn.MaxPool2d(3, 2, 1), *blocks,
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8 * w, CLASSES))


def run(moved):
    """Losses of the steps and, in evaluation mode, of all batches behind them."""
    model = net()
    random = SplitMix64(11)
    for p in model.parameters():
        if p.dim() > 1:
            bound = (6 / p[0].numel()) ** 0.5
            p.data = torch.tensor(((random.draw(*p.shape) * 2 - 1) * bound).astype(np.float32))
        elif p.shape[0] == CLASSES:
            p.data = torch.zeros_like(p)
    images = torch.tensor(random.draw(BATCHES, BATCH, 3, SIZE, SIZE).astype(np.float32))
    labels = torch.tensor(np.floor(random.draw(BATCHES, BATCH) * CLASSES).astype(np.int64))
    if moved:
        chosen = np.random.default_rng(moved)
        for p in model.parameters():
            hit = torch.tensor(chosen.random(tuple(p.shape)) < 0.01)
            p.data = torch.where(hit, torch.nextafter(p.data, torch.tensor(float("inf"))), p.data)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.002, momentum=0.9, weight_decay=5e-4)
    losses = []
    for step in range(STEPS):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(images[step % BATCHES]), labels[step % BATCHES])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    model.eval()
    with torch.no_grad():
        losses.append(nn.functional.cross_entropy(model(images.flatten(0, 1)), labels.flatten()).item())
    return losses


def main():
    torch.set_num_threads(1)
    own = run(0)
    gaps = np.maximum.accumulate(np.max([np.abs(np.array(run(seed)) - own) for seed in range(1, RUNS + 1)], axis=0))
    lines = [f"# A ResNet-18 of width {WIDTH}; recorded by record_resnet.py, torch {torch.__version__}"]
    lines += [f"{loss!r} {float(gap)!r}" for loss, gap in zip(own, gaps)]
    with open(sys.argv[1], "w") as out:
        out.write("\n".join(lines) + "\n")


main()
