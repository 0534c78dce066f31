"""Records what PyTorch's layer normalisation computes, as text files for the tests to compare with.

    pip install torch numpy
    python record_norms.py ../resources/dev/fluxion/dsl/layer

The build does not need this script or Python: the tests read the recorded files only. Each case is a line with its name, one with
its settings, and one line for each tensor: its name, its shape, its numbers. Numbers given are exact in float32, results are those of
float64. The run trains a small net in both precisions; its weights and inputs come from SplitMix64, so none are stored.

Random configurations, of which LayerNormTest reads a file outside of the default run, with -Dfluxion.layerNorms=FILE:

    python record_norms.py --random 120 FILE
"""

import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

from splitmix import SplitMix64

RECORDED = f"recorded by record_norms.py, torch {torch.__version__}"
STEPS, BATCH = 20, 8


def rows(seed, shape, scale=1.0, offset=0.0):
    random = np.random.default_rng(seed)
    return (random.normal(size=shape) * scale + offset).astype(np.float32)


# name: (layer, input)
CASES = {
    "rows": (dict(normalized_shape=[5]), rows(1, (4, 5))),
    "rows of sequences": (dict(normalized_shape=[4]), rows(2, (2, 3, 4))),
    "two axes": (dict(normalized_shape=[3, 4]), rows(3, (2, 3, 4))),
    "images": (dict(normalized_shape=[2, 3, 3]), rows(4, (2, 2, 3, 3))),
    "long rows": (dict(normalized_shape=[70]), rows(5, (3, 70), 3)),
    "not affine": (dict(normalized_shape=[6], elementwise_affine=False), rows(6, (3, 6))),
    "no bias": (dict(normalized_shape=[6], bias=False), rows(7, (3, 6))),
    "another eps": (dict(normalized_shape=[6], eps=0.25), rows(8, (3, 6), 0.5)),
    "rows of one element": (dict(normalized_shape=[1]), np.float32([[2], [-0.5], [3]])),
    "equal numbers": (dict(normalized_shape=[5]), np.float32([[100.125] * 5, [0] * 5, [-7168] * 5, [1e-30] * 5])),
    "nearly equal": (dict(normalized_shape=[6]), rows(10, (3, 6), 0.01, 50)),
    "tiny": (dict(normalized_shape=[6]), rows(11, (3, 6), 1e-30)),
    "huge": (dict(normalized_shape=[6]), rows(12, (3, 6), 1e30)),
    "huge beside ordinary": (dict(normalized_shape=[4]), np.float32([[1, 2, 3, 5], [1e30, 2e30, -1e30, 0], [3, 1, 4, 1]])),
    "tiny eps": (dict(normalized_shape=[6], eps=1e-40), rows(13, (3, 6), 1e-15)),
}


def drawn(count):
    random = np.random.default_rng(3)
    for number in range(count):
        shape = [int(d) for d in random.integers(1, 7, int(random.integers(2, 5)))]
        axes = int(random.integers(1, len(shape)))
        shape[-1] += int(random.integers(0, 2)) * int(random.integers(0, 60))
        affine = bool(random.integers(0, 4))
        settings = dict(normalized_shape=shape[-axes:], eps=float(random.choice([1e-5, 1e-3, 0.1])), elementwise_affine=affine,
                        bias=bool(random.integers(0, 3)))
        x = rows(1000 + number, shape, float(random.choice([0.1, 1, 3])), float(random.choice([0, 0, 1, -5])))
        yield f"layerNorm {number}", (settings, x)


def line(name, tensor):
    numbers = " ".join(repr(float(v)) for v in tensor.detach().double().reshape(-1))
    return f"{name} {'x'.join(map(str, tensor.shape))} {numbers}"


def case(number, name, settings, x):
    layer = nn.LayerNorm(**settings).double()
    random = np.random.default_rng(100 + number)
    for p in layer.parameters():
        p.data = torch.tensor(random.normal(size=p.shape).astype(np.float32)).double()
    x = torch.tensor(x).double().requires_grad_()
    g = torch.tensor(random.normal(size=x.shape).astype(np.float32)).double()
    y = layer(x)
    (y * g).sum().backward()
    affine = layer.weight is not None
    biased = affine and layer.bias is not None
    own = ",".join(map(str, layer.normalized_shape))
    out = [f"case {name}", f"settings extents={own} eps={layer.eps!r} affine={str(affine).lower()} bias={str(biased).lower()}",
           line("x", x), line("g", g), line("y", y), line("dx", x.grad)]
    for name, p in layer.named_parameters():
        out += [line(name, p), line("d" + name, p.grad)]
    return out


def run(dtype):
    """Losses of a net with two normalisations before each update."""
    net = nn.Sequential(
        nn.Linear(20, 32), nn.LayerNorm(32), nn.Tanh(), nn.Linear(32, 16), nn.LayerNorm(16), nn.ReLU(), nn.Linear(16, 3))
    random = SplitMix64(7)
    for p in net.parameters():
        p.data = torch.tensor((random.draw(*p.shape) - 0.5).astype(np.float32)).to(dtype)
    net = net.to(dtype)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    losses = []
    for _ in range(STEPS):
        x = torch.tensor(random.draw(BATCH, 20)).to(dtype)
        labels = torch.tensor(np.floor(random.draw(BATCH) * 3).astype(np.int64))
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(x), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def main():
    torch.set_num_threads(1)
    np.seterr(over="ignore")
    lines = [f"# nn.LayerNorm in float64; {RECORDED}"]
    if sys.argv[1] == "--random":
        for number, (name, (settings, x)) in enumerate(drawn(int(sys.argv[2]))):
            lines += case(number, name, settings, x)
        Path(sys.argv[3]).write_text("\n".join(lines) + "\n")
        return
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    for number, (name, (settings, x)) in enumerate(CASES.items()):
        lines += case(number, name, settings, x)
    (out / "layer-norm.txt").write_text("\n".join(lines) + "\n")
    lines = [f"# A net with layer normalisations, SGD, lr 0.05, momentum 0.9; {RECORDED}",
             f"# Weights, row-major, and per step {BATCH} inputs and labels floor(3u): SplitMix64 seed 7; weights u - 1/2",
             "# float32 float64"]
    lines += [f"{a!r} {b!r}" for a, b in zip(run(torch.float32), run(torch.float64))]
    (out / "layer-norm-run.txt").write_text("\n".join(lines) + "\n")


main()
