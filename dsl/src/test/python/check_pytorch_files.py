"""Compares state dicts with real PyTorch, both ways: the tutorials' nets with their outputs, a ResNet-18, an LSTM, a transformer.

    pip install torch
    python check_pytorch_files.py CLASS_PATH    # of dsl's tests, as mvn dependency:build-classpath prints it, with target/classes

PyTorch writes; Java reads, and writes again; PyTorch reads, also mapped into memory, and every bit must be the same. Neither the
build nor the tests need this.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from torch import nn


def block(cin, cout, stride):
    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1, self.bn1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False), nn.BatchNorm2d(cout)
            self.conv2, self.bn2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False), nn.BatchNorm2d(cout)
            if stride > 1:
                self.downsample = nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout))

    return Block()


class ResNet18(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64)
        for i, (cin, cout) in enumerate([(64, 64), (64, 128), (128, 256), (256, 512)]):
            setattr(self, f"layer{i + 1}", nn.Sequential(block(cin, cout, 1 + (i > 0)), block(cout, cout, 1)))
        self.fc = nn.Linear(512, 1000)


torch.manual_seed(0)
NETS = {
    "cifar": nn.Sequential(
        nn.Conv2d(3, 32, 5, padding=2), nn.MaxPool2d(2), nn.Conv2d(32, 32, 5, padding=2), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 5, padding=2), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(1024, 64), nn.Linear(64, 10)),
    "mnist": nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(1600, 64), nn.ReLU(), nn.Linear(64, 10)),
    "resnet18": ResNet18(),
    "lstm": nn.LSTM(16, 32, 2, bidirectional=True),
    "transformer": nn.TransformerEncoderLayer(32, 4, 64),
    "half": nn.Linear(3, 5).half(),
}
INPUTS = {"cifar": torch.rand(5, 3, 32, 32), "mnist": torch.rand(5, 1, 28, 28)}

with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    for net, module in NETS.items():
        torch.save(module.state_dict(), folder / f"{net}.pth")
    for net, x in INPUTS.items():
        torch.save({"x": x}, folder / f"{net}.in.pt")
    subprocess.run(["java", "-cp", sys.argv[1], "dev.fluxion.dsl.train.PyTorchFilesCheck", name], check=True)
    for net, module in NETS.items():
        for mapped in (False, True):
            back = torch.load(folder / f"{net}.back.pth", weights_only=True, mmap=mapped)
            state = module.state_dict()
            assert list(back) == list(state), net
            for key, value in state.items():
                exact = value.float() if value.is_floating_point() else value
                assert torch.equal(exact, back[key].to(exact.dtype)), (net, key)
        module.load_state_dict(back)
        print(f"{net}: {len(back)} tensors, every bit the same")
    for net, x in INPUTS.items():
        y, expected = torch.load(folder / f"{net}.out.pt")["y"], NETS[net](x)
        print(f"{net}: outputs differ by {(y - expected).abs().max().item():.1e}")
        assert torch.allclose(y, expected, rtol=1e-5, atol=1e-6)
