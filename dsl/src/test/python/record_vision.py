"""Records how PyTorch trains torchvision's MobileNetV2 of half the width, and a U-Net with a class for each place, for VisionRunsTest.

    pip install torch torchvision numpy
    python record_vision.py ../resources/dev/fluxion/dsl/layer/vision-runs.txt

The build does not need this script or Python. Weights, images and labels come from SplitMix64, so none are stored. A line for each step
has the loss in float32 and how far such a run may be off: the largest gap so far between it and runs in which a hundredth of the
weights is one unit in the last place off.
"""

import sys

import numpy as np
import torch
from torch import nn
from torchvision.models.mobilenetv2 import MobileNetV2

from splitmix import SplitMix64

STEPS, RUNS = 12, 3


def twice(before, width):
    return nn.Sequential(
        nn.Conv2d(before, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU(),
        nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU())


class UNet(nn.Module):
    def __init__(self, w, classes):
        super().__init__()
        self.first, self.second, self.deepest = twice(3, w), twice(w, 2 * w), twice(2 * w, 4 * w)
        self.up2, self.third = nn.ConvTranspose2d(4 * w, 2 * w, 2, 2), twice(4 * w, 2 * w)
        self.up1, self.last = nn.ConvTranspose2d(2 * w, w, 2, 2), twice(2 * w, w)
        self.head = nn.Conv2d(w, classes, 1)

    def forward(self, x):
        fine = self.first(x)
        coarse = self.second(nn.functional.max_pool2d(fine, 2))
        deepest = self.deepest(nn.functional.max_pool2d(coarse, 2))
        third = self.third(torch.cat([coarse, self.up2(deepest)], 1))
        return self.head(self.last(torch.cat([fine, self.up1(third)], 1)))


def mobilenet():
    net = MobileNetV2(10, 0.5)
    net.classifier[0] = nn.Identity()
    return net


# name: (net, images, labels, classes, learning rate)
NETS = {
    "MobileNetV2": (mobilenet, (8, 3, 64, 64), (8,), 10, 0.00003),
    "UNet": (lambda: UNet(8, 4), (4, 3, 32, 32), (4, 32, 32), 4, 0.1),
}


def run(make, images, labels, classes, rate, moved):
    model = make()
    random = SplitMix64(23)
    for name, p in sorted(model.named_parameters()):
        if p.dim() > 1:
            bound = (6 / p[0].numel()) ** 0.5
            p.data = torch.tensor(((random.draw(*p.shape) * 2 - 1) * bound).astype(np.float32))
        elif name.endswith("bias"):
            p.data = torch.zeros_like(p)
    x = torch.tensor(random.draw(*images).astype(np.float32))
    y = random.ints(classes, *labels)
    if moved:
        chosen = np.random.default_rng(moved)
        for p in model.parameters():
            hit = torch.tensor(chosen.random(tuple(p.shape)) < 0.01)
            p.data = torch.where(hit, torch.nextafter(p.data, torch.tensor(float("inf"))), p.data)
    optimizer = torch.optim.SGD(model.parameters(), lr=rate, momentum=0.9)
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def main():
    torch.set_num_threads(1)
    lines = [f"# Nets of images; recorded by record_vision.py, torch {torch.__version__}"]
    for name, net in NETS.items():
        own = run(*net, 0)
        gaps = np.maximum.accumulate(np.max([np.abs(np.array(run(*net, seed)) - own) for seed in range(1, RUNS + 1)], axis=0))
        lines += [f"{name} {loss!r} {float(gap)!r}" for loss, gap in zip(own, gaps)]
    with open(sys.argv[1], "w") as out:
        out.write("\n".join(lines) + "\n")


main()
