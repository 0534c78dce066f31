"""Records what PyTorch's embeddings and recurrent layers compute, as text files for the tests to compare with.

    pip install torch numpy
    python record_sequences.py ../resources/dev/fluxion/dsl/layer    the recorded samples
    python record_sequences.py --many 120 FILE                       that many configurations of each layer

The build does not need this script or Python: the tests read the recorded file only. The second form is for the test's longer run,
SequencesTest with -Dfluxion.sequences=FILE. Each case is a line with its name, one with the layer and its options, and one for each
tensor: name, shape, numbers. Numbers given are exact in float32, results are those of float64. States are stored with the
batch first.
"""

import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

RECORDED = f"recorded by record_sequences.py, torch {torch.__version__}"
RECURRENT = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
SAMPLES = 12
VOCABULARY, BATCH, STEPS = 20, 8, 10


def tensor(name, value):
    numbers = (repr(v) for v in value.detach().reshape(-1).tolist())
    return f"{name} {'x'.join(map(str, value.shape))} " + " ".join(numbers)


def settings(kind, **options):
    return " ".join(["settings", f"layer={kind}"] + [f"{k}={'none' if v is None else str(v).lower()}" for k, v in options.items()])


class Draw:
    def __init__(self, seed):
        self.random = np.random.default_rng(seed)

    def floats(self, *shape, scale=1.0):
        return torch.tensor((self.random.normal(size=shape) * scale).astype(np.float32)).double()

    def ints(self, low, high, *shape):
        return torch.tensor(self.random.integers(low, high, size=shape))

    def between(self, low, high):
        return int(self.random.integers(low, high + 1))

    def coin(self, p=0.5):
        return bool(self.random.random() < p)


def fill(module, d, scale):
    for p in module.parameters():
        p.data = d.floats(*p.shape, scale=scale)


def gradients(lines, module, inputs, outputs, d):
    """Weights of the objective, then the gradients of inputs and parameters."""
    objective = 0
    for name, out in outputs.items():
        g = d.floats(*out.shape)
        lines.append(tensor("g" if name == "y" else "g" + name, g))
        objective = objective + (out * g).sum()
    if objective.requires_grad:
        objective.backward()
    for name, x in inputs.items():
        lines.append(tensor("d" + name, x.grad))
    for name, p in module.named_parameters():
        if p.requires_grad:
            lines.append(tensor("d" + name, torch.zeros_like(p) if p.grad is None else p.grad))


def recurrent(kind, d, most, projected=False):
    n, steps, features, hidden = d.between(1, most), d.between(1, most + 2), d.between(1, 5), d.between(1, most + 1)
    options = dict(
        num_layers=d.between(1, most - 1) if d.coin() else 1,
        bidirectional=d.coin(),
        bias=d.coin(0.8),
    )
    relu = kind == "rnn" and d.coin(0.4)
    if relu:
        options["nonlinearity"] = "relu"
    lengths, initial = d.coin(), d.coin()
    if projected:
        hidden += 1
        options["proj_size"] = d.between(1, hidden - 1)
    module = RECURRENT[kind](features, hidden, batch_first=True, **options).double()
    fill(module, d, 0.7)
    x = d.floats(n, steps, features).requires_grad_()
    places = options["num_layers"] * (2 if options["bidirectional"] else 1)
    states = ["h", "c"] if kind == "lstm" else ["h"]
    inputs = {"x": x}
    lines = [
        settings(kind, **{"in": features}, hidden=hidden, projection=options.get("proj_size", 0), layers=options["num_layers"],
                 bidirectional=options["bidirectional"], bias=options["bias"], relu=relu, lengths=lengths, initial=initial,
                 ints="lengths" if lengths else ""),
        tensor("x", x),
    ]
    for name, p in module.named_parameters():
        lines.append(tensor(name, p))
    first = None
    if initial:
        for state in states:
            extent = options.get("proj_size", hidden) if state == "h" else hidden
            inputs[state + "0"] = d.floats(n, places, extent).requires_grad_()
            lines.append(tensor(state + "0", inputs[state + "0"]))
        first = tuple(inputs[s + "0"].transpose(0, 1).contiguous() for s in states)
        first = first if kind == "lstm" else first[0]
    if lengths:
        count = d.ints(1, steps + 1, n)
        lines.append(tensor("lengths", count))
        packed = pack_padded_sequence(x, count, batch_first=True, enforce_sorted=False)
        y, last = module(packed, first)
        y, _ = pad_packed_sequence(y, batch_first=True, total_length=steps)
    else:
        y, last = module(x, first)
    outputs = {"y": y}
    for state, value in zip(states, last if kind == "lstm" else (last,)):
        outputs[state] = value.transpose(0, 1)
    for name, out in outputs.items():
        lines.append(tensor(name, out))
    gradients(lines, module, inputs, outputs, d)
    return lines


def embedding(d, given=False):
    vocabulary, width = d.between(1, 9), d.between(1, 5)
    padding = d.between(-vocabulary, vocabulary - 1) if d.coin() else None
    frozen = given and d.coin()
    if given:
        module = nn.Embedding.from_pretrained(d.floats(vocabulary, width), frozen, padding)
    else:
        module = nn.Embedding(vocabulary, width, padding_idx=padding).double()
        fill(module, d, 1)
    ids = d.ints(0, vocabulary, *[d.between(1, 4) for _ in range(d.between(1, 3))])
    lines = [
        settings("embedding", vocabulary=vocabulary, width=width, padding=padding, given=given, frozen=frozen, ints="x"),
        tensor("x", ids),
        tensor("weight", module.weight),
    ]
    y = module(ids)
    lines.append(tensor("y", y))
    gradients(lines, module, {}, {"y": y}, d)
    return lines


def bag(d):
    vocabulary, width = d.between(1, 9), d.between(1, 5)
    mode = ["mean", "sum", "max"][d.between(0, 2)]
    padding = d.between(-vocabulary, vocabulary - 1) if d.coin() else None
    weighted = mode == "sum" and d.coin(0.6)
    module = nn.EmbeddingBag(vocabulary, width, mode=mode, padding_idx=padding).double()
    fill(module, d, 1)
    ids = d.ints(0, vocabulary, d.between(1, 4), d.between(1, 5))
    lines = [
        settings("embeddingBag", vocabulary=vocabulary, width=width, padding=padding, mode=mode, weights=weighted, ints="x"),
        tensor("x", ids),
        tensor("weight", module.weight),
    ]
    inputs = {}
    if weighted:
        inputs["weights"] = d.floats(*ids.shape).requires_grad_()
        lines.append(tensor("weights", inputs["weights"]))
    y = module(ids, per_sample_weights=inputs.get("weights"))
    lines.append(tensor("y", y))
    gradients(lines, module, inputs, {"y": y}, d)
    return lines


LAYERS = {
    "rnn": lambda d, most: recurrent("rnn", d, most),
    "lstm": lambda d, most: recurrent("lstm", d, most),
    "gru": lambda d, most: recurrent("gru", d, most),
    "embedding": lambda d, most: embedding(d),
    "embeddingBag": lambda d, most: bag(d),
    "given embedding": lambda d, most: embedding(d, True),
    "projected lstm": lambda d, most: recurrent("lstm", d, most, projected=True),
}


def write(file, count, most):
    with open(file, "w") as out:
        out.write(f"# {RECORDED}\n")
        for index, (name, make) in enumerate(LAYERS.items()):
            for number in range(count):
                out.write(f"case {name} {number}\n")
                out.write("\n".join(make(Draw(1000 * index + number), most)) + "\n")


class SplitMix64:
    """24 random bits a number, in [0, 1)."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        mask = (1 << 64) - 1
        self.state = (self.state + 0x9E3779B97F4A7C15) & mask
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        z ^= z >> 31
        return (z >> 40) * 2.0**-24


class Tagger(nn.Module):
    """A class for each step, by a bidirectional lstm."""

    classes, places = 5, STEPS

    def __init__(self):
        super().__init__()
        self.table, self.rnn = nn.Embedding(VOCABULARY, 16), nn.LSTM(16, 24, batch_first=True, bidirectional=True)
        self.head = nn.Linear(48, self.classes)

    def forward(self, ids, lengths):
        packed = pack_padded_sequence(self.table(ids), lengths, batch_first=True, enforce_sorted=False)
        y, _ = pad_packed_sequence(self.rnn(packed)[0], batch_first=True, total_length=STEPS)
        return self.head(y).transpose(1, 2)


class Classifier(nn.Module):
    """A class for each sequence, by the last state of a gru."""

    classes, places = 4, 1

    def __init__(self):
        super().__init__()
        self.table, self.rnn = nn.Embedding(VOCABULARY, 16), nn.GRU(16, 24, batch_first=True)
        self.head = nn.Linear(24, self.classes)

    def forward(self, ids, lengths):
        packed = pack_padded_sequence(self.table(ids), lengths, batch_first=True, enforce_sorted=False)
        return self.head(self.rnn(packed)[1][0])


def run(make, kind):
    random = SplitMix64(7)
    net = make().to(kind)
    for p in net.parameters():
        p.data = torch.tensor([random.next() - 0.5 for _ in range(p.numel())], dtype=kind).reshape(p.shape)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    losses = []
    for _ in range(50):
        ids = torch.tensor([int(random.next() * VOCABULARY) for _ in range(BATCH * STEPS)]).reshape(BATCH, STEPS)
        lengths = torch.tensor([1 + int(random.next() * STEPS) for _ in range(BATCH)])
        targets = torch.tensor([int(random.next() * net.classes) for _ in range(BATCH * net.places)])
        targets = targets if net.places == 1 else targets.reshape(BATCH, STEPS)
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(ids, lengths), targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def record_runs(file):
    with open(file, "w") as out:
        out.write(f"# {RECORDED}: the losses of two nets, in float64 and float32\n")
        for make in (Tagger, Classifier):
            for double, single in zip(run(make, torch.float64), run(make, torch.float32)):
                out.write(f"{make.__name__.lower()} {double!r} {single!r}\n")


if sys.argv[1] == "--many":
    write(sys.argv[3], int(sys.argv[2]), 4)
else:
    write(Path(sys.argv[1]) / "sequences.txt", SAMPLES, 3)
    record_runs(Path(sys.argv[1]) / "sequence-runs.txt")
