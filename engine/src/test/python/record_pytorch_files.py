"""Records small files of torch.save, for the tests to read.

    pip install torch
    python record_pytorch_files.py ../resources/dev/fluxion/io

The build does not need this script or Python. All numbers are those of arange or small fractions, which the tests know, too.
"""

import sys
from pathlib import Path

import torch
from torch import nn

FOLDER = Path(sys.argv[1])


def numbered(module):
    """A module whose parameters, one after the other, are 0, 1/8, 2/8, …"""
    at = 0
    for p in module.parameters():
        p.data = torch.arange(at, at + p.numel()).reshape(p.shape) / 8
        at += p.numel()
    return module


def save(name, value, **how):
    torch.save(value, FOLDER / name, **how)


x = torch.arange(24.0).reshape(2, 3, 4)
save("views.pth", {
    "transposed": x.transpose(0, 2),
    "part": x[:, 1:, ::2],
    "expanded": torch.ones(1).expand(5),
    "scalar": torch.tensor(2.5),
    "empty": torch.ones(0, 3),
    "tied": x,
})
save("types.pth", {
    "half": (x / 4).half(),
    "bfloat16": x.bfloat16(),
    "double": x.double(),
    "long": -x.long(),
    "int": x.int(),
    "short": -x.short(),
    "char": -x.to(torch.int8),
    "byte": x.to(torch.uint8),
    "bool": x > 3,
    "complex": torch.ones(2, dtype=torch.complex64),
})
linear = numbered(nn.Linear(2, 3))
adam = torch.optim.Adam(linear.parameters())
linear(torch.ones(1, 2)).sum().backward()
adam.step()
numbered(linear)
parallel = {"module." + name: value for name, value in linear.state_dict().items()}
save("checkpoint.pth", {
    "epoch": 3, "loss": torch.tensor(0.25), "best": True, "nothing": None, "large": 2**70, "names": ["a", "b"],
    "state_dict": parallel, "ema": linear.state_dict(), "optimizer": adam.state_dict(),
})
save("two.pth", {"generator": linear.state_dict(), "critic": {"_orig_mod." + k: v for k, v in parallel.items()}})
save("parameters.pth", dict(linear.named_parameters()))
save("protocol4.pth", linear.state_dict(), pickle_protocol=4)
save("lstm.pth", numbered(nn.LSTM(3, 2, 2, bidirectional=True)).state_dict())
save("whole.pth", linear)
save("list.pth", [torch.ones(2)])
save("long.pth", {"w": torch.tensor([1, 2**40])})
save("old.pth", linear.state_dict(), _use_new_zipfile_serialization=False)
