"""Records what PyTorch's activations and other layers without a file of their own compute, as text for FunctionsTest.

    pip install torch numpy
    python record_functions.py ../resources/dev/fluxion/dsl/layer/functions.txt

The build does not need this script or Python. A sweep over random settings and shapes, so many of each layer, stays outside of the
build:

    python record_functions.py /tmp/sweep.txt 120
    mvn -pl dsl -am test -Dtest=FunctionsTest -Dsurefire.failIfNoSpecifiedTests=false -DargLine=-Dfluxion.functions=/tmp/sweep.txt

Each case is a line with its name, one with the layer and its settings, and one for each tensor: its name, its shape, its elements.
Numbers given are exact in float32, results are those of float64. There are cases with the places where a function bends, and of
infinities and NaN, of which there is only the result.
"""

import math
import sys

import numpy as np
import torch
from torch import nn


SWEEP = len(sys.argv) > 2


class Other(nn.Module):
    """A module of two inputs."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, x, memory):
        return self.inner(x, memory)

    def named(self):
        return self.inner.named_parameters()


class SqueezeExcite(nn.Module):
    """As torchvision has it."""

    def __init__(self, channels, squeeze, activation, scale):
        super().__init__()
        self.fc1 = nn.Conv2d(channels, squeeze, 1)
        self.fc2 = nn.Conv2d(squeeze, channels, 1)
        self.activation, self.scale = activation, scale

    def forward(self, x):
        means = x.mean((2, 3), keepdim=True)
        return x * self.scale(self.fc2(self.activation(self.fc1(means))))


class Permute(nn.Module):
    def __init__(self, order):
        super().__init__()
        self.order = order

    def forward(self, x):
        return x.permute(self.order)


class Positions(nn.Module):
    """Adds rows of sines and cosines, as PyTorch's tutorial on transformers does, or of a table."""

    def __init__(self, width, learned):
        super().__init__()
        self.width = width
        self.weight = nn.Parameter(torch.zeros(learned, width)) if learned else None

    def forward(self, x):
        length = x.shape[1]
        if self.weight is not None:
            return x + nn.functional.embedding(torch.arange(length), self.weight)
        position = torch.arange(length, dtype=torch.float64)[:, None]
        angles = position * torch.exp(torch.arange(0, self.width, 2, dtype=torch.float64) * (-math.log(10000.0) / self.width))
        rows = torch.zeros(length, self.width, dtype=torch.float64)
        rows[:, 0::2] = angles.sin()
        rows[:, 1::2] = angles.cos()[:, : self.width // 2]
        return x + rows.float().double()


class Product(nn.Module):
    """Of what several modules make of one input."""

    def __init__(self, *branches):
        super().__init__()
        for i, branch in enumerate(branches):
            self.add_module(str(i), branch)

    def forward(self, x):
        return math.prod(branch(x) for branch in self.children())


def product(s):
    gate = nn.Sequential(nn.Linear(s["width"], s["b"]), nn.SiLU())
    return Product(*[gate, nn.Linear(s["width"], s["b"], bias=False), nn.Linear(s["width"], s["b"])][: s["a"]])


def shared(s):
    width = s["width"]
    tower = {
        "linear": lambda: nn.Linear(width, width),
        "norm": lambda: nn.Sequential(nn.Linear(width, width), nn.LayerNorm(width)),
        "product": lambda: Product(nn.Linear(width, width), nn.Tanh()),
        "attention": lambda: nn.TransformerEncoderLayer(width, 1, 5, 0.0, batch_first=True),
    }[s["b"]]()
    return nn.Sequential(*[m for _ in range(s["a"]) for m in (tower, nn.Tanh())])


class Transformer(nn.Module):
    """The names of parameters are those of nn.Transformer."""

    def __init__(self, s):
        super().__init__()
        self.inner = nn.Transformer(4, 2, s["a"], s["b"], 5, 0.0, s["act"], batch_first=True, norm_first=s["first"])

    def forward(self, x):
        return self.inner(x, x.flip(1))

    def named_parameters(self):
        return self.inner.named_parameters()


def ints(text):
    return [int(i) for i in str(text).split(",")]


MADE = {
    "relu6": lambda s: nn.ReLU6(),
    "hardTanh": lambda s: nn.Hardtanh(s["a"], s["b"]),
    "hardSigmoid": lambda s: nn.Hardsigmoid(),
    "hardSwish": lambda s: nn.Hardswish(),
    "mish": lambda s: nn.Mish(),
    "prelu": lambda s: nn.PReLU(s["a"]),
    "selu": lambda s: nn.SELU(),
    "celu": lambda s: nn.CELU(s["a"]),
    "softsign": lambda s: nn.Softsign(),
    "softShrink": lambda s: nn.Softshrink(s["a"]),
    "hardShrink": lambda s: nn.Hardshrink(s["a"]),
    "tanhShrink": lambda s: nn.Tanhshrink(),
    "threshold": lambda s: nn.Threshold(s["a"], s["b"]),
    "logSigmoid": lambda s: nn.LogSigmoid(),
    "glu": lambda s: nn.GLU(s["a"]),
    "softplus": lambda s: nn.Softplus(s["a"], s["b"]),
    "gelu": lambda s: nn.GELU(approximate="tanh"),
    "localResponseNorm": lambda s: nn.LocalResponseNorm(s["a"], s["alpha"], s["beta"], s["k"]),
    "unflatten": lambda s: nn.Unflatten(s["a"], ints(s["b"])),
    "permute": lambda s: Permute(ints(s["a"])),
    "cosineSimilarity": lambda s: Other(nn.CosineSimilarity(s["a"], s["eps"])),
    "bilinear": lambda s: Other(nn.Bilinear(s["a"], s["b"], s["c"], s["bias"])),
    "squeezeExcite": lambda s: SqueezeExcite(
        s["a"], s["b"], nn.SiLU() if s["silu"] else nn.ReLU(), nn.Hardsigmoid() if s["hard"] else nn.Sigmoid()),
    "softmin": lambda s: nn.Softmin(s["a"]),
    "channelShuffle": lambda s: nn.ChannelShuffle(s["a"]),
    "rRelu": lambda s: nn.RReLU(s["a"], s["b"]).eval(),
    "pairwiseDistance": lambda s: Other(nn.PairwiseDistance(s["a"], s["eps"], s["keep"])),
    "softmax2d": lambda s: nn.Softmax2d(),
    "transformer": Transformer,
    "positions": lambda s: Positions(s["width"], s["a"]),
    "product": product,
    "shared": shared,
}

# Where functions bend, so that the recorded numbers have these places.
BENDS = {
    "relu6": [0, 6], "hardSigmoid": [-3, 3], "hardSwish": [-3, 3], "selu": [0], "prelu": [0], "celu": [0], "softsign": [0],
    "mish": [0, -20], "logSigmoid": [-30, 30, -100], "gelu": [-6, 6, 0, -3], "tanhShrink": [0],
    "rRelu": [0], "hardTanh": "ab", "threshold": "a", "softShrink": "a", "hardShrink": "a", "softplus": [-40, 40, 0],
}
SETTINGS = {
    "relu6": [{}], "hardSigmoid": [{}], "hardSwish": [{}], "mish": [{}], "selu": [{}], "softsign": [{}], "tanhShrink": [{}],
    "logSigmoid": [{}], "gelu": [{}],
    "hardTanh": [dict(a=-1.0, b=1.0), dict(a=-0.25, b=2.0), dict(a=0.5, b=0.75)],
    "celu": [dict(a=1.0), dict(a=0.5), dict(a=4.0), dict(a=0.125)],
    "softShrink": [dict(a=0.5), dict(a=0.0), dict(a=1.25)],
    "hardShrink": [dict(a=0.5), dict(a=0.0), dict(a=1.25), dict(a=-0.5)],
    "threshold": [dict(a=0.5, b=-2.0), dict(a=-1.0, b=0.0)],
    "softplus": [dict(a=1.0, b=20.0), dict(a=2.0, b=20.0), dict(a=0.5, b=1.0), dict(a=-1.0, b=3.0), dict(a=4.0, b=-1.0)],
    "prelu": [dict(a=1), dict(a=3)],
    "glu": [dict(a=-1), dict(a=1), dict(a=2)],
    "softmin": [dict(a=-1), dict(a=1), dict(a=0)],
    "rRelu": [dict(a=0.125, b=0.25), dict(a=-0.5, b=0.25)],
    "transformer": [dict(a=1, b=1, first=False, act="relu"), dict(a=2, b=1, first=True, act="gelu")],
    "shared": [dict(a=a, b=b) for a in (2, 3) for b in ("linear", "norm", "product", "attention")] * 2,
    "pairwiseDistance": [dict(a=p, eps=e, keep=k) for p, e, k in (
        (2.0, 1e-6, False), (1.0, 0.25, True), (3.0, 1e-6, False), (math.inf, 0.5, False), (2.0, 0.0, True))],
}


def shaped(kind, random, s):
    """The shape of x, that of the other value if there is one, and the settings that fit."""
    rank = int(random.integers(2, 5))
    shape = [int(d) for d in random.integers(1, 4 + 2 * SWEEP, rank)]
    other = None
    if kind == "squeezeExcite":
        shape += [2] * (4 - rank)
    if kind == "prelu" and s["a"] > 1:
        shape[1] = s["a"]
    if kind == "glu":
        s["a"] = s["a"] if s["a"] < rank else -1
        shape[s["a"]] = 2 * int(random.integers(1, 4))
    if kind == "localResponseNorm":
        shape = [int(d) for d in random.integers(1, 5, int(random.integers(3, 6)))]
        shape[1] = int(random.integers(1, 12 if SWEEP else 6))
        s.setdefault("a", int(random.integers(1, 9)))
        s.setdefault("alpha", float(random.choice([1e-4, 0.5, 2.0])))
        s.setdefault("beta", float(random.choice([0.75, 0.5, 1.0, -0.5])))
        s.setdefault("k", float(random.choice([1.0, 2.0, 0.5])))
    if kind == "channelShuffle":
        shape = [int(d) for d in random.integers(1, 4, int(random.integers(3, 5)))]
        s["a"] = int(random.integers(1, 4))
        shape[1] *= s["a"]
    if kind == "softmax2d":
        shape = [2, 3, 2, 2]
    if kind == "pairwiseDistance":
        other = list(shape)
        for axis in range(rank - 1):
            if random.integers(0, 4) == 0:
                (shape if random.integers(0, 2) else other)[axis] = 1
    if kind == "transformer":
        shape = [2, int(random.integers(1, 5)), 4]
    if kind == "positions":
        shape = [int(d) for d in random.integers(1, 8, 3)]
        s.update(width=shape[2], a=int(random.integers(0, 2)) * (shape[1] + int(random.integers(0, 3))))
    if kind == "product":
        s.update(width=shape[-1], a=int(random.integers(1, 4)), b=int(random.integers(1, 5)))
    if kind == "shared":
        shape = [int(d) for d in random.integers(1, 6, 3)]
        s["width"] = shape[2]
    if kind == "unflatten":
        axis = int(random.integers(0, rank))
        parts = [int(d) for d in random.integers(1, 4, int(random.integers(1, 4)))]
        shape[axis] = math.prod(parts)
        if random.integers(0, 2):
            parts[int(random.integers(0, len(parts)))] = -1
        s.update(a=axis - (rank if random.integers(0, 2) else 0), b=",".join(map(str, parts)))
    if kind == "permute":
        s["a"] = ",".join(str(int(a) - (rank if random.integers(0, 2) else 0)) for a in random.permutation(rank))
    if kind == "cosineSimilarity":
        other = list(shape)
        for axis in range(rank):
            if random.integers(0, 4) == 0:
                (shape if random.integers(0, 2) else other)[axis] = 1
        s.setdefault("a", int(random.integers(-rank, rank)))
        s.setdefault("eps", float(random.choice([1e-8, 0.5, 4.0])))
    if kind == "bilinear":
        s.update(a=shape[-1], b=int(random.integers(1, 6)), c=int(random.integers(1, 5)), bias=bool(random.integers(0, 3)))
        other = shape[:-1] + [s["b"]]
    if kind == "squeezeExcite":
        s.update(a=shape[1], b=int(random.integers(1, 5)), silu=bool(random.integers(0, 2)), hard=bool(random.integers(0, 2)))
    return shape, other, s


def number(x):
    return "NaN" if math.isnan(x) else repr(x).replace("inf", "Infinity")


def line(name, tensor):
    shape = "x".join(map(str, tensor.shape))
    return " ".join([name, shape] + [number(v) for v in tensor.detach().double().reshape(-1).tolist()])


def case(name, kind, settings, random, special=(), gradient=True):
    shape, other, s = shaped(kind, random, dict(settings))
    if special:
        shape = [2, 3, 2] if kind != "glu" else [2, 2, 4]

    def drawn(*dims, scale=1.5):
        return torch.tensor((random.normal(size=dims) * scale).astype(np.float32)).double()

    module = MADE[kind](s).double()
    parameters = list((module.named() if isinstance(module, Other) else module.named_parameters()))
    out = [f"case {name}", " ".join(["settings", f"layer={kind}"] + [f"{k}={number(v) if isinstance(v, float) else str(v).lower()}" for k, v in s.items()])]
    for parameter, value in parameters:
        value.data = drawn(*value.shape, scale=0.5)
        out.append(line(parameter, value))
    x = drawn(*shape)
    flat = x.reshape(-1)
    flat[: len(special)] = torch.tensor(special).double()
    x = x.requires_grad_()
    given = [x]
    out.append(line("x", x))
    if other is not None:
        given.append(drawn(*other).requires_grad_())
        out.append(line("memory", given[1]))
    y = module(*given)
    g = drawn(*y.shape, scale=1.0)
    (y * g).sum().backward()
    out += [line("g", g), line("y", y)]
    if not gradient:
        return out
    out.append(line("dx", x.grad))
    if other is not None:
        out.append(line("dmemory", given[1].grad))
    return out + [line("d" + p, v.grad) for p, v in parameters]


def bends(kind, s):
    places = BENDS.get(kind, [])
    if places == "ab":
        return [s["a"], s["b"]]
    if places == "a":
        return [s["a"], -s["a"]]
    return places


def main():
    torch.set_num_threads(1)
    count = int(sys.argv[2]) if SWEEP else 0
    lines = [f"# PyTorch's functions in float64; recorded by record_functions.py, torch {torch.__version__}"]
    for number, kind in enumerate(MADE):
        random = np.random.default_rng(number)
        known = SETTINGS.get(kind, [{}])
        if count:
            for i in range(count):
                lines += case(f"{kind} {i}", kind, known[i % len(known)], random)
            continue
        for i, s in enumerate(known if kind in SETTINGS else [{}] * 10):
            lines += case(f"{kind} {i}", kind, s, random)
            if kind in BENDS:
                lines += case(f"{kind} {i} where it bends", kind, s, random, bends(kind, s))
            if kind in BENDS and i == 0:
                lines += case(f"{kind} {i} of infinities", kind, s, random, [math.inf, -math.inf], False)
                lines += case(f"{kind} {i} of NaN", kind, s, random, [math.nan], False)
    with open(sys.argv[1], "w") as out:
        out.write("\n".join(lines) + "\n")


main()
