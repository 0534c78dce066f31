"""Records how PyTorch trains small nets for texts, for NetRunsTest to compare with.

    pip install torch numpy
    python record_nets.py ../resources/dev/fluxion/dsl/layer/net-runs.txt

The build does not need this script or Python. Weights and batches come from SplitMix64, so none are stored. A line for each step has
the net, the loss in float32 and how far such a run may be off: the largest gap so far between it and runs in which a hundredth of the
weights is one unit in the last place off. Parameters have the names that they have in the test, and get values in the order of these.
"""

import sys

import numpy as np
import torch
from torch import nn

from splitmix import SplitMix64

VOCABULARY, WIDTH, LENGTH, BATCH, STEPS, CLASSES, RUNS = 30, 16, 12, 8, 50, 4, 3


class TextCnn(nn.Module):
    """Kim (2014): the largest value in time of filters of three widths."""

    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(VOCABULARY, WIDTH)
        self.filters = nn.ModuleList(nn.Sequential(nn.Conv1d(WIDTH, 8, k)) for k in (2, 3, 4))
        self.head = nn.Linear(24, CLASSES)

    def optimizer(self):
        return torch.optim.SGD(self.parameters(), lr=0.1, momentum=0.9)

    def loss(self, random):
        x = self.table(random.ints(VOCABULARY, BATCH, LENGTH)).transpose(1, 2)
        x = torch.cat([torch.relu(f(x)).amax(2) for f in self.filters], 1)
        return nn.functional.cross_entropy(self.head(x), random.ints(CLASSES, BATCH))


class Bert(nn.Module):
    """A class of a text from what two encoder layers make of its first token."""

    def __init__(self):
        super().__init__()
        self.tokens, self.segments = nn.Embedding(VOCABULARY, WIDTH), nn.Embedding(2, WIDTH)
        self.positions = nn.Embedding(LENGTH, WIDTH)
        self.norm = nn.LayerNorm(WIDTH)
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(WIDTH, 4, 32, 0.0, "gelu", batch_first=True) for _ in range(2))
        self.pooler, self.head = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, CLASSES)

    def optimizer(self):
        return torch.optim.AdamW(self.parameters(), lr=2e-3, weight_decay=0.01)

    def loss(self, random):
        ids, segments = random.ints(VOCABULARY, BATCH, LENGTH), random.ints(2, BATCH, LENGTH)
        lengths = 1 + random.ints(LENGTH, BATCH)
        padding = torch.arange(LENGTH) >= lengths[:, None]
        x = self.norm(self.tokens(ids) + self.positions.weight + self.segments(segments))
        for layer in self.layers:
            x = layer(x, src_key_padding_mask=padding)
        x = self.head(torch.tanh(self.pooler(x[:, 0])))
        return nn.functional.cross_entropy(x, random.ints(CLASSES, BATCH))


class Gpt(nn.Module):
    """The next token from those before it, by a projection that is the table of tokens."""

    def __init__(self):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(VOCABULARY, WIDTH), nn.Embedding(LENGTH, WIDTH)
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(WIDTH, 4, 32, 0.0, "gelu", batch_first=True, norm_first=True) for _ in range(2))
        self.norm = nn.LayerNorm(WIDTH)

    def optimizer(self):
        return torch.optim.AdamW(self.parameters(), lr=2e-3, betas=(0.9, 0.95), weight_decay=0.1)

    def loss(self, random):
        ids = random.ints(VOCABULARY, BATCH, LENGTH + 1)
        hidden = nn.Transformer.generate_square_subsequent_mask(LENGTH)
        x = self.tokens(ids[:, :-1]) + self.positions.weight
        for layer in self.layers:
            x = layer(x, src_mask=hidden)
        logits = self.norm(x) @ self.tokens.weight.T
        return nn.functional.cross_entropy(logits.transpose(1, 2), ids[:, 1:])


class Siamese(nn.Module):
    """Two texts by one tower, near where they belong together."""

    def __init__(self):
        super().__init__()
        self.table, self.rnn = nn.Embedding(VOCABULARY, WIDTH), nn.GRU(WIDTH, 20, batch_first=True)
        self.head = nn.Linear(20, 6)

    def optimizer(self):
        return torch.optim.SGD(self.parameters(), lr=0.05, momentum=0.9)

    def loss(self, random):
        a, b = (self.head(self.rnn(self.table(random.ints(VOCABULARY, BATCH, LENGTH)))[1][0]) for _ in range(2))
        same = random.ints(2, BATCH)
        d = torch.linalg.vector_norm(a - b, dim=1)
        return (same * d**2 + (1 - same) * torch.clamp(1 - d, min=0) ** 2).mul(0.5).mean()


def run(make, moved):
    net = make()
    random = SplitMix64(17)
    for name, p in sorted(net.named_parameters()):
        if p.dim() > 1:
            bound = (3 / p[0].numel()) ** 0.5
            p.data = torch.tensor(((random.draw(*p.shape) * 2 - 1) * bound).astype(np.float32)).reshape(p.shape)
        elif not name.endswith("weight"):
            p.data = torch.tensor((random.draw(*p.shape) * 0.2 - 0.1).astype(np.float32))
    if moved:
        chosen = np.random.default_rng(moved)
        for p in net.parameters():
            hit = torch.tensor(chosen.random(tuple(p.shape)) < 0.01)
            p.data = torch.where(hit, torch.nextafter(p.data, torch.tensor(float("inf"))), p.data)
    optimizer = net.optimizer()
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = net.loss(random)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def main():
    torch.set_num_threads(1)
    np.seterr(over="ignore")
    with open(sys.argv[1], "w") as out:
        out.write(f"# recorded by record_nets.py, torch {torch.__version__}\n")
        for make in (TextCnn, Bert, Gpt, Siamese):
            own = run(make, 0)
            gaps = np.max([np.abs(np.array(run(make, seed)) - own) for seed in range(1, RUNS + 1)], axis=0)
            for loss, gap in zip(own, np.maximum.accumulate(gaps)):
                out.write(f"{make.__name__} {loss!r} {float(gap)!r}\n")


main()
