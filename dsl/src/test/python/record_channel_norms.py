"""Records what PyTorch's batch, group, instance and RMS normalisations compute, as text for ChannelNormsTest to compare with.

    pip install torch numpy
    python record_channel_norms.py ../resources/dev/fluxion/dsl/layer/channel-norms.txt

The build does not need this script or Python. A sweep over random configurations, 120 of each layer, stays outside of the build:

    python record_channel_norms.py /tmp/sweep.txt 120
    mvn -pl dsl -am test -Dtest=ChannelNormsTest -Dsurefire.failIfNoSpecifiedTests=false -DargLine=-Dfluxion.norms=/tmp/sweep.txt

Each case is a line with its name, one with the layer and its settings, and a line for each tensor: its name, its shape and its
elements. Three batches x, x1, x2 are trained on; y, dx, dweight and dbias are of the first one and of the gradient g of y. The
running statistics are those after the third. What begins with "eval" is of x in evaluation mode behind that. Numbers given are exact
in float32, results are those of float64.
"""

import sys

import numpy as np
import torch
from torch import nn

BATCH = {2: nn.BatchNorm1d, 3: nn.BatchNorm1d, 4: nn.BatchNorm2d, 5: nn.BatchNorm3d}
INSTANCE = {3: nn.InstanceNorm1d, 4: nn.InstanceNorm2d, 5: nn.InstanceNorm3d}
RMS_EPS = 2.0**-23


def layer(kind, shape, s):
    channels = shape[1]
    if kind == "batchNorm":
        momentum = None if s["cumulative"] else s["momentum"]
        return BATCH[len(shape)](channels, s["eps"], momentum, s["affine"], s["track"], bias=s["bias"])
    if kind == "instanceNorm":
        return INSTANCE[len(shape)](channels, s["eps"], s["momentum"], s["affine"], s["track"], bias=s["bias"])
    if kind == "groupNorm":
        return nn.GroupNorm(s["groups"], channels, s["eps"], s["affine"], bias=s["bias"])
    if kind == "shared":
        norm = layer("batchNorm", shape, s)
        return nn.Sequential(norm, nn.Tanh(), norm)
    return nn.RMSNorm(list(shape[-s["axes"]:]), s["eps"], s["affine"])


DEFAULTS = dict(eps=1e-5, momentum=0.1, cumulative=False, affine=True, track=True, groups=1, axes=1, bias=True)

# name: (layer, shape, settings, scale, offset)
CASES = {
    "rows": ("batchNorm", (4, 3), {}, 1, 0),
    "sequences": ("batchNorm", (3, 2, 5), {}, 1, 0),
    "images": ("batchNorm", (2, 3, 4, 3), {}, 2, 1),
    "volumes": ("batchNorm", (2, 2, 2, 3, 2), {}, 1, 0),
    "a single image": ("batchNorm", (1, 3, 2, 2), {}, 1, 0),
    "a single channel": ("batchNorm", (5, 1), {}, 1, 0),
    "two values": ("batchNorm", (2, 4), {}, 1, 0),
    "cumulative": ("batchNorm", (3, 2, 4), dict(cumulative=True), 1, 0.5),
    "another momentum": ("batchNorm", (3, 2, 2, 2), dict(momentum=0.75, eps=0.25), 1, 0.5),
    "momentum of 0": ("batchNorm", (3, 2), dict(momentum=0.0), 1, 0.5),
    "not affine": ("batchNorm", (3, 4, 2), dict(affine=False), 1, 0),
    "statistics of the batch": ("batchNorm", (3, 4, 2, 1), dict(track=False), 1, 0),
    "large mean": ("batchNorm", (4, 3, 2, 3), {}, 0.01, 50),
    "tiny": ("batchNorm", (3, 2, 4), {}, 1e-20, 0),
    "group: one": ("groupNorm", (3, 4, 3), {}, 1, 0),
    "group: two": ("groupNorm", (2, 4, 3, 2), dict(groups=2), 1, 0),
    "group: three of images": ("groupNorm", (2, 6, 2, 2), dict(groups=3), 2, 1),
    "group: as many as channels": ("groupNorm", (2, 4, 5), dict(groups=4), 1, 0),
    "group: rows": ("groupNorm", (3, 8), dict(groups=2), 1, 0),
    "group: one value": ("groupNorm", (3, 4), dict(groups=4), 1, 0),
    "group: another eps": ("groupNorm", (2, 4, 3), dict(groups=2, eps=0.25), 1, 0),
    "group: not affine": ("groupNorm", (2, 4, 3), dict(groups=2, affine=False), 1, 0),
    "group: volumes": ("groupNorm", (2, 4, 2, 1, 3), dict(groups=2), 1, 0),
    "group: large mean": ("groupNorm", (2, 4, 3, 3), dict(groups=2), 0.01, 50),
    "group: a single sample": ("groupNorm", (1, 6, 3), dict(groups=3), 1, 0),
    "instance: sequences": ("instanceNorm", (2, 3, 5), dict(affine=False, track=False), 1, 0),
    "instance: images": ("instanceNorm", (2, 3, 3, 2), dict(affine=False, track=False), 2, 1),
    "instance: volumes": ("instanceNorm", (2, 2, 2, 2, 2), dict(affine=False, track=False), 1, 0),
    "instance: affine": ("instanceNorm", (2, 3, 2, 2), dict(track=False), 1, 0),
    "instance: tracked": ("instanceNorm", (3, 2, 4), dict(affine=False), 1, 0.5),
    "instance: tracked and affine": ("instanceNorm", (3, 2, 2, 3), {}, 1, 0.5),
    "instance: another momentum": ("instanceNorm", (3, 2, 2, 3), dict(momentum=0.5), 1, 0.5),
    "instance: another eps": ("instanceNorm", (2, 2, 4), dict(eps=0.25, affine=False, track=False), 1, 0),
    "instance: two values": ("instanceNorm", (2, 3, 2), dict(track=False), 1, 0),
    "instance: large mean": ("instanceNorm", (2, 3, 3, 3), {}, 0.01, 50),
    "instance: a single sample": ("instanceNorm", (1, 3, 4), {}, 1, 0),
    "rms: rows": ("rmsNorm", (4, 5), dict(eps=RMS_EPS), 1, 0),
    "rms: sequences": ("rmsNorm", (2, 3, 4), dict(eps=RMS_EPS), 1, 0),
    "rms: two axes": ("rmsNorm", (2, 3, 4), dict(eps=RMS_EPS, axes=2), 1, 0),
    "rms: images": ("rmsNorm", (2, 2, 3, 3), dict(eps=RMS_EPS, axes=3), 1, 0),
    "rms: not affine": ("rmsNorm", (3, 6), dict(eps=RMS_EPS, affine=False), 1, 0),
    "rms: another eps": ("rmsNorm", (3, 6), dict(eps=0.25), 0.5, 0),
    "rms: rows of one element": ("rmsNorm", (3, 1), dict(eps=RMS_EPS), 1, 0),
    "rms: long rows": ("rmsNorm", (2, 70), dict(eps=RMS_EPS), 3, 0),
    "rms: large mean": ("rmsNorm", (3, 6), dict(eps=RMS_EPS), 0.01, 50),
    "rms: tiny": ("rmsNorm", (3, 6), dict(eps=RMS_EPS), 1e-6, 0),
    **{f"shared {i}": ("shared", shape, settings, 1, 0.5) for i, (shape, settings) in enumerate([
        ((4, 3), {}), ((3, 2, 5), {}), ((2, 3, 2, 3), {}), ((4, 2), dict(affine=False)), ((3, 2, 4), dict(cumulative=True)),
        ((3, 2, 2, 2), dict(momentum=0.75)), ((5, 2), dict(track=False)), ((2, 2, 2, 3), dict(eps=0.25)),
        ((1, 3, 4), {}), ((2, 1, 3, 2), dict(cumulative=True, affine=False))])},
    "rms: large": ("rmsNorm", (3, 6), dict(eps=RMS_EPS), 1e15, 0),
    "no bias": ("batchNorm", (2, 3, 2, 3), dict(bias=False), 1, 0.5),
    "no bias, statistics of the batch": ("batchNorm", (3, 2, 4), dict(bias=False, track=False), 1, 0.5),
    "no bias, not affine": ("batchNorm", (4, 3), dict(bias=False, affine=False), 1, 0.5),
    "group: no bias": ("groupNorm", (2, 4, 3), dict(groups=2, bias=False), 1, 0.5),
    "instance: no bias": ("instanceNorm", (2, 3, 4), dict(bias=False, track=False), 1, 0.5),
    "instance: tracked, no bias": ("instanceNorm", (3, 2, 2, 3), dict(bias=False), 1, 0.5),
}


def sweep(count):
    random = np.random.default_rng(1)
    for kind, least in [("batchNorm", 2), ("groupNorm", 2), ("instanceNorm", 3), ("rmsNorm", 2), ("shared", 2)]:
        made = 0
        while made < count:
            rank = int(random.integers(least, 6))
            shape = tuple(int(d) for d in random.integers(1, [5, 9, 6, 5, 4][:rank]))
            values = int(np.prod(shape)) // shape[1]
            if kind in ("batchNorm", "shared") and values < 2 or kind == "instanceNorm" and values == shape[0]:
                continue
            groups = [g for g in range(1, shape[1] + 1) if shape[1] % g == 0]
            settings = dict(
                eps=float(random.choice([1e-5, 1e-3, 0.1])), momentum=float(random.choice([0.1, 0.01, 0.5, 1.0])),
                cumulative=bool(random.integers(0, 4) == 0), affine=bool(random.integers(0, 3) > 0),
                track=bool(random.integers(0, 3) > 0), groups=int(random.choice(groups)),
                axes=int(random.integers(1, rank)), bias=bool(random.integers(0, 3) > 0))
            if kind == "groupNorm" and values // shape[0] * shape[1] // settings["groups"] * shape[0] == 1:
                continue
            yield f"{kind} {made}", (kind, shape, settings, float(random.choice([0.1, 1, 3])),
                                     float(random.choice([0, 0, 1, -5])))
            made += 1


def line(name, tensor):
    shape = "x".join(map(str, tensor.shape)) or "scalar"
    return " ".join([name, shape] + [repr(float(v)) for v in tensor.detach().double().reshape(-1)])


def case(number, name, kind, shape, given, scale, offset):
    settings = DEFAULTS | given
    random = np.random.default_rng(100 + number)

    def drawn(*dims, scale=1.0, offset=0.0):
        return torch.tensor((random.normal(size=dims) * scale + offset).astype(np.float32)).double()

    module = layer(kind, shape, settings).double()
    out = [f"case {name}", " ".join(["settings", f"layer={kind}"] + [f"{k}={str(v).lower()}" for k, v in settings.items()])]
    for parameter, value in module.named_parameters():
        value.data = drawn(*value.shape)
        out.append(line(parameter, value))
    batches = [drawn(*shape, scale=scale, offset=offset) for _ in range(3)]
    g = drawn(*shape)
    out += [line(f"x{i or ''}", x) for i, x in enumerate(batches)] + [line("g", g)]

    def record(prefix, x):
        module.zero_grad()
        x = x.clone().requires_grad_()
        y = module(x)
        (y * g).sum().backward()
        out.extend([line(prefix + "y", y), line(prefix + "dx", x.grad)])
        out.extend(line(prefix + "d" + n, p.grad) for n, p in module.named_parameters())

    module.train()
    record("", batches[0])
    module(batches[1])
    module(batches[2])
    out += [line(n, b) for n, b in module.named_buffers()]
    module.eval()
    record("eval", batches[0])
    return out


def main():
    torch.set_num_threads(1)
    cases = dict(sweep(int(sys.argv[2]))) if len(sys.argv) > 2 else CASES
    lines = [f"# PyTorch's normalisations in float64; recorded by record_channel_norms.py, torch {torch.__version__}"]
    for number, (name, settings) in enumerate(cases.items()):
        lines += case(number, name, *settings)
    with open(sys.argv[1], "w") as out:
        out.write("\n".join(lines) + "\n")


main()
