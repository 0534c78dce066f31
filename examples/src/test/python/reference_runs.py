"""Records short PyTorch training runs of the two example nets as text files for the tests to compare with.

    pip install torch numpy
    python reference_runs.py --mnist DIR --cifar DIR --out ../resources/dev/fluxion/examples/reference

--mnist holds the IDX .gz files, --cifar the data_batch_*.bin files. The build does not need this script or Python: the
tests read the recorded files only. Initial weights and synthetic inputs come from SplitMix64, so no weights are stored.
"""

import argparse
import gzip
import hashlib
import math
from pathlib import Path

import numpy as np
import torch
from torch import nn, optim

BATCH, STEPS = 64, 200
SYNTHETIC_BATCH, SYNTHETIC_STEPS = 4, 5
RECORDED = f"recorded by reference_runs.py, torch {torch.__version__}"


class SplitMix64:
    """u = the top 24 bits of each 64-bit draw times 2^-24: uniform in [0, 1), exact in float32."""

    GAMMA = 0x9E3779B97F4A7C15

    def __init__(self, seed):
        self.state = seed

    def draw(self, count):
        """The next `count` values of u, as float64."""
        z = np.uint64(self.state) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(self.GAMMA)
        self.state = (self.state + count * self.GAMMA) % 2**64
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
        return (z >> np.uint64(40)).astype(np.float64) * 2.0**-24


def mnist_net():
    return nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(1600, 64), nn.ReLU(), nn.Linear(64, 10))


def cifar_net():
    return nn.Sequential(
        nn.Conv2d(3, 32, 5, padding=2), nn.MaxPool2d(2),
        nn.Conv2d(32, 32, 5, padding=2), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 5, padding=2), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(1024, 64), nn.Linear(64, 10))


# name: (net, seed of the weights, seed of the synthetic inputs, image shape)
NETS = {
    "mnist": (mnist_net, 1, 100, (1, 28, 28)),
    "cifar": (cifar_net, 2, 200, (3, 32, 32)),
}

# name: (what the file header says, optimizer)
OPTIMIZERS = {
    "sgd": ("SGD, lr 0.01", lambda p: optim.SGD(p, lr=0.01)),
    "momentum": ("SGD, lr 0.01, momentum 0.9", lambda p: optim.SGD(p, lr=0.01, momentum=0.9)),
    "adam": ("Adam, lr 0.0001", lambda p: optim.Adam(p, lr=0.0001)),
    "adamw": ("AdamW, lr 0.001, weight decay 0.01", lambda p: optim.AdamW(p, lr=0.001)),
    "nesterov": (
        "SGD, lr 0.01, Nesterov momentum 0.9, weight decay 0.0005",
        lambda p: optim.SGD(p, lr=0.01, momentum=0.9, nesterov=True, weight_decay=5e-4)),
}
REAL_DATA_OPTIMIZERS = ["sgd", "momentum", "adam"]


def initialise(net, seed):
    """Every value is (2u-1)/sqrt(fan_in) rounded to float32; parameters in state-dict order, each row-major."""
    random = SplitMix64(seed)
    with torch.no_grad():
        for layer in net:
            for p in layer.parameters():
                bound = 1.0 / math.sqrt(layer.weight[0].numel())
                values = ((2.0 * random.draw(p.numel()) - 1.0) * bound).astype(np.float32)
                p.copy_(torch.from_numpy(values).reshape(p.shape))
    return net


def losses(name, optimizer, batches, dtype):
    """The mean cross entropy of each batch, taken before the update that the batch causes."""
    make, seed, _, _ = NETS[name]
    net = initialise(make(), seed).to(dtype)
    update = OPTIMIZERS[optimizer][1](net.parameters())
    for images, labels in batches:
        update.zero_grad()
        loss = nn.functional.cross_entropy(net(torch.from_numpy(images).to(dtype)), torch.from_numpy(labels))
        loss.backward()
        update.step()
        yield loss.item()


def read_mnist(folder):
    images = gzip.open(folder / "train-images-idx3-ubyte.gz").read()[16:]
    labels = gzip.open(folder / "train-labels-idx1-ubyte.gz").read()[8:]
    return np.frombuffer(images, np.uint8).reshape(-1, 1, 28, 28), np.frombuffer(labels, np.uint8)


def read_cifar(folder):
    data = b"".join((folder / f"data_batch_{i}.bin").read_bytes() for i in range(1, 6))
    records = np.frombuffer(data, np.uint8).reshape(-1, 1 + 3 * 32 * 32)
    return records[:, 1:].reshape(-1, 3, 32, 32), records[:, 0]


def real_batches(pixels, labels):
    for i in range(0, STEPS * BATCH, BATCH):
        images = pixels[i:i + BATCH].astype(np.float32) / np.float32(255)
        yield images, labels[i:i + BATCH].astype(np.int64)


def synthetic_batches(seed, shape):
    random = SplitMix64(seed)
    for _ in range(SYNTHETIC_STEPS):
        images = random.draw(SYNTHETIC_BATCH * math.prod(shape)).astype(np.float32).reshape(-1, *shape)
        yield images, np.floor(random.draw(SYNTHETIC_BATCH) * 10).astype(np.int64)


def write(path, header, columns, rows):
    lines = [f"# {line}" for line in header] + ["# " + " ".join(["step", *columns])]
    lines += [" ".join([str(step), *row]) for step, row in enumerate(rows)]
    path.write_text("\n".join(lines) + "\n", encoding="ascii")


def weights_note(name):
    make, seed, _, _ = NETS[name]
    first = initialise(make(), seed)[0].weight.flatten()[:3].tolist()
    return f"Weights: SplitMix64 seed {seed}; 0.weight starts {' '.join('%.9g' % v for v in first)}"


def record_real(name, pixels, labels, out):
    used = STEPS * BATCH
    for optimizer in REAL_DATA_OPTIMIZERS:
        header = [
            f"The {name} net trained by {OPTIMIZERS[optimizer][0]}; {RECORDED}",
            "Loss: mean cross entropy of the batch, before the update",
            f"Batch i: training images {BATCH}i to {BATCH}i+{BATCH - 1} in file order, pixel/255 rounded to float32",
            weights_note(name),
            f"Pixels: sha256 of the first {used} images {hashlib.sha256(pixels[:used].tobytes()).hexdigest()}",
            f"Labels: sha256 of the first {used} labels {hashlib.sha256(labels[:used].tobytes()).hexdigest()}",
            "The float64 run starts from the same weights and inputs; the gap shows what rounding alone does",
        ]
        single = losses(name, optimizer, real_batches(pixels, labels), torch.float32)
        double = losses(name, optimizer, real_batches(pixels, labels), torch.float64)
        rows = [("%.9g" % s, "%.17g" % d) for s, d in zip(single, double)]
        write(out / f"{name}-{optimizer}.txt", header, ["float32", "float64"], rows)


def record_synthetic(name, out):
    _, _, seed, shape = NETS[name]
    header = [
        f"The {name} net trained in float64 on synthetic images; {RECORDED}",
        "Loss: mean cross entropy of the batch, before the update; one column per optimizer, all from the same weights",
        *(f"{o}: {description}" for o, (description, _) in OPTIMIZERS.items()),
        weights_note(name),
        f"Inputs: SplitMix64 seed {seed}; per step {SYNTHETIC_BATCH} images of u, row-major, "
        f"then {SYNTHETIC_BATCH} labels floor(10u)",
        "Labels: " + ", ".join(" ".join(map(str, labels)) for _, labels in synthetic_batches(seed, shape)),
    ]
    runs = [losses(name, o, synthetic_batches(seed, shape), torch.float64) for o in OPTIMIZERS]
    write(out / f"{name}-synthetic.txt", header, OPTIMIZERS, [["%.17g" % v for v in row] for row in zip(*runs)])


def main():
    parser = argparse.ArgumentParser(description="Records PyTorch reference runs.")
    for option in ("--mnist", "--cifar", "--out"):
        parser.add_argument(option, type=Path, required=True, metavar="DIR")
    args = parser.parse_args()
    torch.set_num_threads(1)
    args.out.mkdir(parents=True, exist_ok=True)
    for name in NETS:
        record_synthetic(name, args.out)
    record_real("mnist", *read_mnist(args.mnist), args.out)
    record_real("cifar", *read_cifar(args.cifar), args.out)


if __name__ == "__main__":
    main()
