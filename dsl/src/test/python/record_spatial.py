"""Records what PyTorch's layers over places compute, as text for SpatialTest to compare with.

    pip install torch numpy
    python record_spatial.py ../resources/dev/fluxion/dsl/layer/spatial.txt

The build does not need this script or Python. A sweep over random configurations, 150 of each layer, stays outside of the build:

    python record_spatial.py /tmp/sweep.txt 150
    mvn -pl dsl -am test -Dtest=SpatialTest -Dsurefire.failIfNoSpecifiedTests=false -Dfluxion.spatial=/tmp/sweep.txt

Each case is a line with the layer and its settings, and a line for each tensor: its name, its shape and its elements. Inputs are
multiples of 1/4, so that they are exact in float32 and elements of a window tie; results are those of float64, but where elements
are picked by places in float32.
"""

import sys

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


def sizes(random, low, high, axes, p=0.5):
    both = int(random.integers(low, high + 1))
    return [both] * axes if random.random() < p else [int(v) for v in random.integers(low, high + 1, axes)]


def conv(random, axes):
    groups = int(random.choice([1, 1, 2, 3]))
    same = random.random() < 0.25
    s = dict(kind="conv", axes=axes, inputs=groups * int(random.integers(1, 3)), outputs=groups * int(random.integers(1, 3)),
             kernel=sizes(random, 1, 4, axes), stride=[1] * axes if same else sizes(random, 1, 3, axes),
             pad=[0] * axes if same else sizes(random, 0, 2, axes), same=same, dilation=sizes(random, 1, 2, axes),
             groups=groups, bias=bool(random.random() < 0.7))
    cls = nn.Conv1d if axes == 1 else nn.Conv2d
    padding = "same" if same else s["pad"]
    return s, cls(s["inputs"], s["outputs"], s["kernel"], s["stride"], padding, s["dilation"], groups, s["bias"])


def transposed(random, axes):
    groups = int(random.choice([1, 1, 2, 3]))
    stride, dilation = sizes(random, 1, 3, axes), sizes(random, 1, 3, axes)
    s = dict(kind="convTranspose", axes=axes, inputs=groups * int(random.integers(1, 3)),
             outputs=groups * int(random.integers(1, 3)), kernel=sizes(random, 1, 4, axes), stride=stride,
             pad=sizes(random, 0, 2, axes), outputPad=[int(random.integers(0, max(a, b))) for a, b in zip(stride, dilation)],
             dilation=dilation, groups=groups, bias=bool(random.random() < 0.7))
    cls = nn.ConvTranspose1d if axes == 1 else nn.ConvTranspose2d
    return s, cls(s["inputs"], s["outputs"], s["kernel"], stride, s["pad"], s["outputPad"], groups, s["bias"], dilation)


def max_pool(random, axes):
    kernel, dilation = sizes(random, 1, 4, axes), sizes(random, 1, 3, axes) if random.random() < 0.5 else [1] * axes
    pad = [int(random.integers(0, (d * (k - 1) + 1) // 2 + 1)) for k, d in zip(kernel, dilation)]
    s = dict(kind="maxPool", axes=axes, kernel=kernel, stride=sizes(random, 1, 4, axes), pad=pad, dilation=dilation,
             ceil=bool(random.random() < 0.5))
    cls = nn.MaxPool1d if axes == 1 else nn.MaxPool2d
    return s, cls(kernel, s["stride"], pad, dilation, ceil_mode=s["ceil"])


def avg_pool(random, axes):
    kernel = sizes(random, 1, 4, axes)
    pad = [int(random.integers(0, k // 2 + 1)) for k in kernel]
    s = dict(kind="avgPool", axes=axes, kernel=kernel, stride=sizes(random, 1, 4, axes), pad=pad,
             ceil=bool(random.random() < 0.5), count=bool(random.random() < 0.5),
             divisor=int(random.integers(1, 6)) if axes == 2 and random.random() < 0.2 else 0)
    if axes == 1:
        return s, nn.AvgPool1d(kernel, s["stride"], pad, s["ceil"], s["count"])
    return s, nn.AvgPool2d(kernel, s["stride"], pad, s["ceil"], s["count"], s["divisor"] or None)


def lp_pool(random, axes):
    s = dict(kind="lpPool", axes=axes, norm=float(random.choice([1, 2, 3, 4])), kernel=sizes(random, 1, 3, axes),
             stride=sizes(random, 1, 3, axes), ceil=bool(random.random() < 0.4))
    cls = nn.LPPool1d if axes == 1 else nn.LPPool2d
    kernel, stride = (s["kernel"][0], s["stride"][0]) if axes == 1 else (tuple(s["kernel"]), tuple(s["stride"]))
    return s, cls(s["norm"], kernel, stride, s["ceil"])


def adaptive(kind, one, two):
    def make(random, axes):
        s = dict(kind=kind, axes=axes, size=sizes(random, 1, 9, axes))
        return s, (one if axes == 1 else two)(s["size"] if axes == 2 else s["size"][0])
    return make


def pad(random, axes):
    mode = str(random.choice(["constant", "reflect", "replicate", "circular"]))
    least = -1 if random.random() < 0.3 else 0
    s = dict(kind="pad", axes=axes, mode=mode, pads=[int(v) for v in random.integers(least, 4, 2 * axes)],
             value=float(random.choice([0, 0, 1.5])) if mode == "constant" else 0.0)
    return s, lambda x: F.pad(x, s["pads"], mode, s["value"])


def resize(random, axes):
    return resized(random, ["nearest", "nearest-exact", "bilinear", "aligned"])


def bicubic(random, axes):
    return resized(random, ["bicubic", "bicubic aligned"])


def resized(random, modes):
    mode = str(random.choice(modes))
    by_size = random.random() < 0.5
    s = dict(kind="resize", axes=2, mode=mode, size=sizes(random, 1, 12, 2) if by_size else [0, 0],
             scale=1.0 if by_size else float(random.choice([2, 3, 0.5, 1.5, 0.7, 2.3])))
    given = dict(size=s["size"]) if by_size else dict(scale_factor=s["scale"])
    s["mode"] = mode.replace(" ", "-")
    corners = {} if mode.startswith("nearest") else dict(align_corners=mode.endswith("aligned"))
    return s, nn.Upsample(mode="bilinear" if mode == "aligned" else mode.split()[0], **given, **corners)


def shuffle(random, axes):
    s = dict(kind="pixelShuffle", axes=axes, factor=int(random.integers(1, 4)))
    return s, nn.PixelShuffle(s["factor"])


def unshuffle(random, axes):
    s = dict(kind="pixelUnshuffle", axes=axes, factor=int(random.integers(1, 4)))
    return s, nn.PixelUnshuffle(s["factor"])


def windows(random):
    return dict(kernel=sizes(random, 1, 3, 2), stride=sizes(random, 1, 3, 2), pad=sizes(random, 0, 2, 2),
                dilation=sizes(random, 1, 2, 2))


def unfold(random, axes):
    s = dict(kind="unfold", axes=axes, **windows(random))
    return s, nn.Unfold(s["kernel"], s["dilation"], s["pad"], s["stride"])


def fold(random, axes):
    s = dict(kind="fold", axes=axes, size=sizes(random, 3, 7, 2), **windows(random))
    return s, nn.Fold(s["size"], s["kernel"], s["dilation"], s["pad"], s["stride"])


class Unpooled(nn.Module):
    """Elements where the pooling found them; windows do not overlap, so that each place has one."""

    def __init__(self, axes, s):
        super().__init__()
        pool, unpool = ((nn.MaxPool1d, nn.MaxUnpool1d), (nn.MaxPool2d, nn.MaxUnpool2d))[axes - 1]
        self.pool = pool(s["kernel"], s["stride"], s["pad"], return_indices=True)
        self.unpool = unpool(s["kernel"], s["stride"], s["pad"])
        self.whole = s["whole"]

    def forward(self, x):
        y, places = self.pool(x)
        return self.unpool(y, places, x.shape if self.whole else None)


def unpool(random, axes):
    kernel = sizes(random, 1, 3, axes)
    s = dict(kind="maxUnpool", axes=axes, kernel=kernel, stride=[k + int(random.integers(0, 2)) for k in kernel],
             pad=[int(random.integers(0, k // 2 + 1)) for k in kernel], whole=bool(random.random() < 0.7))
    return s, Unpooled(axes, s)


def conv3d(random, axes):
    groups = int(random.choice([1, 1, 2]))
    s = dict(kind="conv3d", axes=3, inputs=groups * int(random.integers(1, 3)), outputs=groups * int(random.integers(1, 3)),
             kernel=sizes(random, 1, 3, 3), stride=sizes(random, 1, 2, 3), pad=sizes(random, 0, 2, 3),
             dilation=sizes(random, 1, 2, 3), groups=groups, bias=bool(random.random() < 0.7))
    return s, nn.Conv3d(s["inputs"], s["outputs"], s["kernel"], s["stride"], s["pad"], s["dilation"], groups, s["bias"])


def pool3d(random, axes):
    kernel = sizes(random, 1, 3, 3)
    s = dict(kind="pool3d", axes=3, kernel=kernel, stride=sizes(random, 1, 3, 3),
             pad=[int(random.integers(0, k // 2 + 1)) for k in kernel], ceil=bool(random.random() < 0.5),
             mean=bool(random.random() < 0.5), count=True)
    if s["mean"]:
        s["count"] = bool(random.random() < 0.5)
        return s, nn.AvgPool3d(kernel, s["stride"], s["pad"], s["ceil"], s["count"])
    return s, nn.MaxPool3d(kernel, s["stride"], s["pad"], ceil_mode=s["ceil"])


def global_max(random, axes):
    return dict(kind="globalMaxPool", axes=axes), nn.Sequential(nn.AdaptiveMaxPool2d(1), nn.Flatten())


KINDS = {
    "conv1d": (conv, 1), "conv": (conv, 2), "convTranspose1d": (transposed, 1), "convTranspose": (transposed, 2),
    "maxPool1d": (max_pool, 1), "maxPool": (max_pool, 2), "avgPool1d": (avg_pool, 1), "avgPool": (avg_pool, 2),
    "lpPool1d": (lp_pool, 1), "lpPool": (lp_pool, 2),
    "adaptiveAvgPool1d": (adaptive("adaptiveAvgPool", nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d), 1),
    "adaptiveAvgPool": (adaptive("adaptiveAvgPool", nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d), 2),
    "adaptiveMaxPool1d": (adaptive("adaptiveMaxPool", nn.AdaptiveMaxPool1d, nn.AdaptiveMaxPool2d), 1),
    "adaptiveMaxPool": (adaptive("adaptiveMaxPool", nn.AdaptiveMaxPool1d, nn.AdaptiveMaxPool2d), 2),
    "pad1d": (pad, 1), "pad": (pad, 2), "resize": (resize, 2), "pixelShuffle": (shuffle, 2),
    "pixelUnshuffle": (unshuffle, 2), "globalMaxPool": (global_max, 2), "bicubic": (bicubic, 2), "unfold": (unfold, 2),
    "fold": (fold, 2), "conv3d": (conv3d, 3), "pool3d": (pool3d, 3), "maxUnpool1d": (unpool, 1), "maxUnpool": (unpool, 2),
}


def number(v):
    text = f"{float(v):.15g}"
    return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(text, text)


def line(name, tensor):
    return " ".join([name, "x".join(map(str, tensor.shape))] + [number(v) for v in tensor.detach().double().reshape(-1)])


def setting(value):
    if isinstance(value, list):
        return "x".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def extents(random, s):
    axes = s["axes"]
    places = [int(v) for v in (random.integers(3, 8, axes) if axes < 3 else random.integers(2, 6, axes))]
    if s["kind"] == "pixelUnshuffle":
        places = [int(v) * s["factor"] for v in random.integers(1, 4, 2)]
    if s["kind"] == "fold":
        counts = [(n + 2 * p - d * (k - 1) - 1) // t + 1
                  for n, k, t, p, d in zip(s["size"], s["kernel"], s["stride"], s["pad"], s["dilation"])]
        return int(random.integers(1, 3)), int(random.integers(1, 3)) * s["kernel"][0] * s["kernel"][1], max(0, counts[0] * counts[1])
    channels = s.get("inputs", int(random.integers(1, 3)))
    if s["kind"] == "pixelShuffle":
        channels *= s["factor"] ** 2
    return int(random.integers(1, 3)), channels, *places


def case(name, make, axes, random, special=False):
    """The lines of a case, or None if PyTorch refuses it; a special one has elements that are not finite, and no gradients."""
    def drawn(*dims):
        return torch.tensor(np.round(random.normal(size=dims) * 4) / 4)

    s, layer = make(random, axes)
    x = drawn(*extents(random, s))
    x = x.abs() if s.get("norm", 2) % 2 else x
    if s["kind"] == "resize" and s["mode"].startswith("nearest"):
        double, layer = layer, lambda v: double(v.float()).double()
    parameters = {}
    if isinstance(layer, nn.Module):
        layer = layer.double()
        parameters = dict(layer.named_parameters())
    for value in parameters.values():
        value.data = drawn(*value.shape)
    if special:
        # What a linear resizing makes of infinities depends on the axes: 0·∞ is NaN along an axis that keeps its extent, too.
        for value in (np.nan, np.nan if s.get("mode") in ("bilinear", "aligned", "bicubic", "bicubic-aligned") else -np.inf):
            x.view(-1)[random.integers(x.numel())] = value
    x.requires_grad_()
    try:
        y = layer(x)
    except (RuntimeError, IndexError):
        return None
    if s.get("whole"):
        s["size"] = list(x.shape[2:])
    if x.numel() > 300 or y.numel() > 200 or y.numel() == 0 or not special and not y.isfinite().all():
        return None
    if special:
        return [f"case {name}", " ".join(["settings"] + [f"{k}={setting(v)}" for k, v in s.items()]), line("x", x), line("y", y)]
    g = drawn(*y.shape)
    (y * g).sum().backward()
    out = [f"case {name}", " ".join(["settings"] + [f"{k}={setting(v)}" for k, v in s.items()])]
    tensors = {"x": x, "g": g, "y": y, "dx": x.grad} | parameters | {"d" + k: p.grad for k, p in parameters.items()}
    return out + [line(k, v) for k, v in tensors.items()]


def cases(count, make):
    lines, made = [], 0
    while made < count:
        some = make(made)
        if some:
            lines += some
            made += 1
    return lines


def main():
    torch.set_num_threads(1)
    count, seed = (int(sys.argv[2]), 2) if len(sys.argv) > 2 else (10, 1)
    lines = [f"# PyTorch's layers over places; recorded by record_spatial.py, torch {torch.__version__}"]
    for kind, (make, axes) in KINDS.items():
        random = np.random.default_rng([seed, *kind.encode()])
        lines += cases(count, lambda i: case(f"{kind} {i}", make, axes, random))
        if not kind.startswith(("conv", "maxUnpool", "fold", "bicubic")):
            lines += cases(count // 5, lambda i: case(f"special {kind} {i}", make, axes, random, True))
    with open(sys.argv[1], "w") as out:
        out.write("\n".join(lines) + "\n")


main()
