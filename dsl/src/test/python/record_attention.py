"""Records what PyTorch's attention and transformer layers compute, as text files for the tests to compare with.

    pip install torch numpy
    python record_attention.py ../resources/dev/fluxion/dsl/layer

The build does not need this script or Python: the tests read the recorded files only. Each case is a line with its name, one with
its settings, and one line for each tensor: its name, its shape, its numbers. Numbers given are exact in float32, results are those
of float64. What PyTorch has no layer for, grouped heads and rotary positions, is composed of its functions here.

Random configurations, of which the tests read a file outside of the default run:

    python record_attention.py --random 120 /tmp/random.txt
    mvn -pl dsl -am -Dtest=AttentionTest -Dsurefire.failIfNoSpecifiedTests=false -DargLine=-Dfluxion.recorded=/tmp/random.txt test
"""

import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

RECORDED = f"recorded by record_attention.py, torch {torch.__version__}"
HIDES = float("-inf")


def numbers(random, shape, scale=1.0):
    """Normal, rounded to 64ths."""
    return np.round(random.normal(size=shape) * scale * 64).astype(np.float32) / 64


class Grouped(nn.Module):
    """Self-attention with fewer heads of keys and values, and rotated queries and keys."""

    def __init__(self, width, heads, key_heads, rotary, bias):
        super().__init__()
        self.heads, self.key_heads, self.rotary = heads, key_heads, rotary
        rows = width + 2 * key_heads * (width // heads)
        self.in_proj_weight = nn.Parameter(torch.zeros(rows, width))
        self.in_proj_bias = nn.Parameter(torch.zeros(rows)) if bias else None
        self.out_proj = nn.Linear(width, width, bias)

    def rotated(self, x):
        if not self.rotary:
            return x
        half = x.shape[-1] // 2
        frequencies = 10000.0 ** (-torch.arange(half, dtype=torch.float64) / half)
        angles = torch.arange(x.shape[-2], dtype=torch.float64)[:, None] * frequencies
        cos, sin = angles.cos().float().double(), angles.sin().float().double()
        a, b = x[..., :half], x[..., half:]
        return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)

    def forward(self, x, causal):
        n, t, e = x.shape
        size = e // self.heads
        q, k, v = F.linear(x, self.in_proj_weight, self.in_proj_bias).split(
            [e, self.key_heads * size, self.key_heads * size], -1)
        q = q.view(n, t, self.heads, size).transpose(1, 2)
        k = k.view(n, t, self.key_heads, size).transpose(1, 2)
        v = v.view(n, t, self.key_heads, size).transpose(1, 2)
        y = F.scaled_dot_product_attention(
            self.rotated(q), self.rotated(k), v, is_causal=causal, enable_gqa=True)
        return self.out_proj(y.transpose(1, 2).reshape(n, t, e))


def masks(random, s, n, t, m):
    """Masks as the tests give them, and as PyTorch takes them."""
    inputs, padding, attention = {}, None, None
    if s["padding"]:
        hidden = random.random((n, m)) < 0.4
        hidden[:, 0] = False
        if s["padding"] == "int":
            inputs["padding"] = hidden.astype(np.float32)
        else:
            inputs["padding"] = np.where(hidden, np.float32(HIDES if s["padding"] == "infinite" else -1e9), numbers(random, (n, m)))
        padding = torch.tensor(inputs["padding"]).bool() if s["padding"] == "int" else torch.tensor(inputs["padding"]).double()
    if s["mask"]:
        shape = (n, s["heads"], t, m) if s["mask"] == "heads" else (n, t, m)
        hidden = random.random(shape) < 0.3
        hidden[..., 0] = False
        inputs["mask"] = np.where(hidden, np.float32(HIDES), numbers(random, shape))
        full = torch.tensor(inputs["mask"]).double()
        full = full if full.dim() == 4 else full[:, None].expand(n, s["heads"], t, m)
        attention = full.reshape(n * s["heads"], t, m)
    if s["causal"]:
        attention = torch.triu(torch.full((t, m), HIDES, dtype=torch.float64), 1)
    if padding is not None and padding.dtype == torch.bool and attention is not None:
        padding = torch.zeros(padding.shape, dtype=torch.float64).masked_fill(padding, HIDES)
    return inputs, padding, attention


def build(s):
    e, h = s["width"], s["heads"]
    act = "gelu" if s["gelu"] else "relu"
    if s["kind"] == "attention":
        plain = s["keyHeads"] == h and not s["rotary"]
        return nn.MultiheadAttention(
            e, h, bias=s["bias"], kdim=s["keyWidth"], vdim=s["valueWidth"], batch_first=True) if plain else Grouped(
            e, h, s["keyHeads"], s["rotary"], s["bias"])
    kind = nn.TransformerEncoderLayer if s["kind"] == "encoder" else nn.TransformerDecoderLayer
    return kind(e, h, s["hidden"], 0.0, act, s["eps"], batch_first=True, norm_first=s["first"], bias=s["bias"])


def case(number, name, s):
    random = np.random.default_rng(1000 + number)
    n, t, m, e = s["n"], s["t"], s["m"], s["width"]
    layer = build(s).double()
    for p in layer.parameters():
        p.data = torch.tensor(numbers(random, tuple(p.shape), s["scale"])).double()
    inputs = {"x": numbers(random, (n, t, e))}
    if s["memory"]:
        inputs["memory"] = numbers(random, (n, m, s["keyWidth"]))
    if s["values"]:
        inputs["values"] = numbers(random, (n, m, s["valueWidth"]))
    hidden, padding, attention = masks(random, s, n, t, m if s["memory"] and s["kind"] == "attention" else t)
    unseen = None
    if s["memoryPadding"]:
        unseen = torch.tensor(random.random((n, m)) < 0.4)
        unseen[:, 0], unseen[0, -1] = False, m > 1
        hidden["unseen"] = unseen.float()
    memory_mask = None
    if s["memoryMask"] == "samples":
        some = random.random((n, t, m)) < 0.3
        some[..., 0] = False
        hidden["memoryMask"] = np.where(some, np.float32(HIDES), numbers(random, (n, t, m)))
        memory_mask = torch.tensor(hidden["memoryMask"]).double()[:, None].expand(n, s["heads"], t, m).reshape(-1, t, m)
    elif s["memoryMask"] == "causal":
        memory_mask = torch.triu(torch.full((t, m), HIDES, dtype=torch.float64), 1)
    if unseen is not None and memory_mask is not None:
        unseen = torch.zeros(unseen.shape, dtype=torch.float64).masked_fill(unseen, HIDES)
    weights = None
    tensors = {k: torch.tensor(v).double().requires_grad_() for k, v in inputs.items()}
    x = tensors["x"]
    if isinstance(layer, Grouped):
        y = layer(x, s["causal"])
    elif s["kind"] == "attention":
        k = tensors.get("memory", x)
        y, weights = layer(x, k, tensors.get("values", k), key_padding_mask=padding, attn_mask=attention,
                           need_weights=s["weights"], average_attn_weights=False)
    elif s["kind"] == "encoder":
        y = layer(x, src_mask=attention, src_key_padding_mask=padding)
    else:
        y = layer(x, tensors["memory"], tgt_mask=attention, memory_mask=memory_mask, tgt_key_padding_mask=padding,
                  memory_key_padding_mask=unseen)
    g = {"g": torch.tensor(numbers(random, tuple(y.shape))).double()}
    objective = (y * g["g"]).sum()
    if weights is not None:
        g["gmap"] = torch.tensor(numbers(random, tuple(weights.shape))).double()
        objective = objective + (weights * g["gmap"]).sum()
    objective.backward()
    ints = ",".join((["padding"] if s["padding"] == "int" else []) + (["unseen"] if s["memoryPadding"] else []))
    out = [f"case {name}", "settings " + " ".join(f"{k}={str(v).lower()}" for k, v in (s | dict(ints=ints)).items())]
    given = {**inputs, **hidden, **g}
    out += [line(k, torch.as_tensor(v)) for k, v in given.items()] + [line("y", y)]
    out += [] if weights is None else [line("map", weights)]
    out += [line("d" + k, v.grad) for k, v in tensors.items()]
    for key, p in layer.named_parameters():
        out += [line(key, p), line("d" + key, p.grad)]
    return out


def line(name, tensor):
    flat = [float(v) for v in tensor.detach().double().reshape(-1)]
    text = " ".join(repr(v) if np.isfinite(v) else "-Infinity" for v in flat)
    return f"{name} {'x'.join(map(str, tensor.shape))} {text}"


def settings(kind, **given):
    s = dict(kind=kind, n=2, t=3, m=3, width=4, heads=2, keyHeads=0, hidden=6, bias=True, causal=False, rotary=False,
             gelu=False, first=False, memory=False, padding="", mask="", memoryPadding=False, scale=0.5, keyWidth=0,
             valueWidth=0, values=False, weights=False, eps=1e-5, memoryMask="")
    s.update(given)
    for key, plain in dict(keyHeads="heads", keyWidth="width", valueWidth="width").items():
        s[key] = s[key] or s[plain]
    return s


CASES = {
    "attention": [
        ("plain", {}),
        ("one head", dict(heads=1)),
        ("heads of one element", dict(heads=4)),
        ("a single position", dict(t=1)),
        ("no bias", dict(bias=False)),
        ("causal", dict(causal=True, t=5)),
        ("shared heads", dict(width=8, heads=4, keyHeads=2)),
        ("one shared head, causal", dict(width=6, heads=3, keyHeads=1, causal=True)),
        ("rotary", dict(rotary=True, t=5, width=8)),
        ("saturated", dict(scale=8, t=4)),
        ("memory", dict(memory=True, m=5)),
        ("padding", dict(padding="int", t=5)),
        ("added padding", dict(padding="infinite", t=5)),
        ("large added padding", dict(padding="large", t=5)),
        ("mask", dict(mask="samples", t=4)),
        ("mask of heads", dict(mask="heads", t=3)),
        ("memory, padding and mask", dict(memory=True, m=4, padding="int", mask="samples")),
        ("causal with padding", dict(causal=True, padding="int", t=4)),
        ("a memory of another width", dict(memory=True, m=5, keyWidth=6, valueWidth=6)),
        ("two memories of other widths", dict(memory=True, values=True, m=4, keyWidth=3, valueWidth=5)),
        ("two memories", dict(memory=True, values=True, m=4)),
        ("values of another width, no bias", dict(memory=True, values=True, m=2, valueWidth=7, bias=False)),
        ("causal memory", dict(memory=True, causal=True, t=3, m=5)),
        ("causal, short memory of another width", dict(memory=True, causal=True, t=5, m=2, keyWidth=3, valueWidth=3)),
        ("causal memory with padding", dict(memory=True, causal=True, padding="infinite", t=3, m=4)),
        ("weights", dict(weights=True, causal=True)),
        ("weights, memory, padding and mask", dict(weights=True, memory=True, m=4, padding="int", mask="heads")),
    ],
    "encoder": [
        ("plain", {}),
        ("gelu", dict(gelu=True)),
        ("normalised first", dict(first=True)),
        ("normalised first, gelu", dict(first=True, gelu=True)),
        ("causal", dict(causal=True)),
        ("one sample", dict(n=1, t=6)),
        ("a single position", dict(t=1)),
        ("wide", dict(width=6, heads=3, hidden=2)),
        ("padding", dict(padding="int", t=4)),
        ("added padding, first", dict(padding="infinite", first=True)),
        ("mask", dict(mask="samples")),
        ("no biases", dict(bias=False)),
        ("no biases, another ε, first", dict(bias=False, eps=0.25, first=True)),
    ],
    "decoder": [
        ("plain", {}),
        ("causal", dict(causal=True)),
        ("causal, gelu, first", dict(causal=True, gelu=True, first=True)),
        ("normalised first", dict(first=True)),
        ("long memory", dict(m=6)),
        ("short memory", dict(m=1, t=4)),
        ("one sample", dict(n=1)),
        ("one head", dict(heads=1, hidden=3)),
        ("padding", dict(padding="int")),
        ("added padding", dict(padding="infinite", t=4)),
        ("mask", dict(mask="samples")),
        ("memory with padding", dict(memoryPadding=True, m=4)),
        ("both with padding, first", dict(memoryPadding=True, padding="int", first=True, m=3)),
        ("no biases, another ε", dict(bias=False, eps=0.25, m=4)),
        ("mask of the memory, with padding", dict(memoryMask="samples", memoryPadding=True, m=4)),
        ("causal memory", dict(memoryMask="causal", causal=True, m=2)),
    ],
}


def drawn(random, kind):
    heads = int(random.integers(1, 5))
    size = int(random.integers(1, 4))
    grouped = kind == "attention" and random.random() < 0.3
    pick = lambda *all: all[random.integers(len(all))]
    s = dict(n=int(random.integers(1, 4)), t=int(random.integers(1, 8)), m=int(random.integers(1, 8)), heads=heads,
             width=heads * size, hidden=int(random.integers(1, 9)), gelu=bool(pick(0, 1)), first=bool(pick(0, 1)),
             bias=bool(pick(0, 1)), eps=pick(1e-5, 0.1), causal=bool(pick(0, 1)), scale=pick(0.25, 0.5, 1, 4))
    if grouped:
        s["keyHeads"] = int(pick(*[d for d in range(1, heads + 1) if heads % d == 0]))
        s["rotary"] = size % 2 == 0
    elif kind == "attention":
        s["memory"] = bool(pick(0, 1))
        s["weights"] = bool(pick(0, 1))
        if s["memory"] and pick(0, 1):
            s["values"] = bool(pick(0, 1))
            s["keyWidth"] = int(random.integers(1, 9))
            s["valueWidth"] = int(random.integers(1, 9)) if s["values"] else s["keyWidth"]
    elif kind == "decoder":
        s["memoryMask"] = pick("", "samples", "causal")
    if not grouped:
        s["padding"] = pick("", "int", "infinite", "large")
        s["mask"] = "" if s["causal"] else pick("", "samples", "heads")
    return settings(kind, **s)


def main():
    torch.set_num_threads(1)
    if sys.argv[1] == "--random":
        random = np.random.default_rng(7)
        lines = []
        for number in range(int(sys.argv[2])):
            for kind in CASES:
                s = drawn(random, kind)
                s["memory"] |= kind == "decoder"
                s["memoryPadding"] = kind == "decoder" and number % 3 == 0
                lines += case(number, f"{kind} {number}", s)
        Path(sys.argv[3]).write_text("\n".join(lines) + "\n")
        return
    out = Path(sys.argv[1])
    for kind, cases in CASES.items():
        lines = [f"# Attention and transformer layers in float64; {RECORDED}"]
        for number, (name, given) in enumerate(cases):
            lines += case(number, name, settings(kind, **{"memory": kind == "decoder", **given}))
        (out / f"{kind}.txt").write_text("\n".join(lines) + "\n")


main()
