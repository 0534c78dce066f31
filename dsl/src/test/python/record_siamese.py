"""Records how PyTorch trains a net whose two towers share their weights, and one whose projection is its embedding.

    pip install torch numpy
    python record_siamese.py ../resources/dev/fluxion/dsl/layer

The build does not need this script or Python: the tests read the recorded files only. Weights and batches come from SplitMix64, so
none are stored. Each file has the losses before each update, in float32 and in float64.
"""

import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

from splitmix import SplitMix64

RECORDED = f"recorded by record_siamese.py, torch {torch.__version__}"
STEPS, BATCH = 30, 8


def given(net, random, dtype):
    for p in net.parameters():
        p.data = torch.tensor((random.draw(*p.shape) - 0.5).astype(np.float32)).to(dtype)
    return net.to(dtype)


def contrastive(a, b, same):
    """Hadsell, Chopra and LeCun (2006), margin 1; the norm as torch.linalg gives it."""
    d = torch.linalg.vector_norm(a - b, dim=1)
    return (same * d**2 + (1 - same) * torch.clamp(1 - d, min=0) ** 2).mul(0.5).mean()


def siamese(dtype, triplet):
    random = SplitMix64(11)
    tower = given(nn.Sequential(nn.Linear(6, 12), nn.Tanh(), nn.Linear(12, 4)), random, dtype)
    optimizer = torch.optim.SGD(tower.parameters(), lr=0.1, momentum=0.9)
    losses = []
    for _ in range(STEPS):
        x = [torch.tensor(random.draw(BATCH, 6)).to(dtype) for _ in range(3)]
        same = torch.tensor(np.floor(random.draw(BATCH) * 2)).to(dtype)
        optimizer.zero_grad()
        outputs = [tower(each) for each in x]
        loss = nn.functional.triplet_margin_loss(*outputs) if triplet else contrastive(outputs[0], outputs[1], same)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def tied(dtype):
    """A table read as rows of one-hot inputs, then used again as the projection to logits."""
    random = SplitMix64(13)
    first, middle, last = nn.Linear(5, 7, bias=False), nn.Linear(7, 5), nn.Linear(5, 7, bias=False)
    for layer in (first, middle):
        given(layer, random, dtype)
    last.weight = first.weight
    parameters = [first.weight, middle.weight, middle.bias]
    optimizer = torch.optim.SGD(parameters, lr=0.1, momentum=0.9)
    losses = []
    for _ in range(STEPS):
        x = torch.tensor(random.draw(BATCH, 5)).to(dtype)
        labels = torch.tensor(np.floor(random.draw(BATCH) * 7).astype(np.int64))
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(last(torch.tanh(middle(torch.tanh(first(x))))), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def main():
    torch.set_num_threads(1)
    np.seterr(over="ignore")
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    runs = {"contrastive": lambda t: siamese(t, False), "triplet": lambda t: siamese(t, True), "tied": tied}
    for name, run in runs.items():
        lines = [f"# SGD, lr 0.1, momentum 0.9, batch {BATCH}; {RECORDED}", "# float32 float64"]
        lines += [f"{a!r} {b!r}" for a, b in zip(run(torch.float32), run(torch.float64))]
        (out / f"shared-{name}.txt").write_text("\n".join(lines) + "\n")


main()
