"""Records state dicts as PyTorch saves them, and what their nets make of an input, for StateDictsTest to load.

    pip install torch torchvision numpy
    python record_state_dicts.py ../resources/dev/fluxion/dsl/layer             narrow nets
    python record_state_dicts.py --whole FOLDER                                 torchvision's nets as they are

The build does not need this script or Python. For each net there is a file of its state dict, and one of its inputs and output. The
second form is for the test's longer run, StateDictsTest with -Dfluxion.torchvision=FOLDER.
"""

import sys
from pathlib import Path

import torch
from torch import nn
from torchvision.models import efficientnet_b0, mobilenet_v2, resnet18
from torchvision.models.efficientnet import EfficientNet, MBConvConfig
from torchvision.models.mobilenetv2 import MobileNetV2
from torchvision.models.vision_transformer import VisionTransformer

PART = 32


def narrow(net):
    """All channels but a few are gone, those of images aside."""
    for m in net.modules():
        if isinstance(m, nn.Conv2d):
            o, i = m.weight.shape[:2]
            m.weight.data = m.weight.data[: o // PART, : i if i == 3 else i // PART] * PART**0.5
        elif isinstance(m, nn.BatchNorm2d):
            for name in ("weight", "bias", "running_mean", "running_var"):
                getattr(m, name).data = getattr(m, name).data[: m.num_features // PART].clone()
    net.fc.weight.data = net.fc.weight.data[:10, : 512 // PART].clone()
    net.fc.bias.data = net.fc.bias.data[:10].clone()
    return net


def resnet(size, whole):
    net = resnet18()
    return drawn(net if whole else narrow(net), size)


def mobilenet(size, whole):
    if whole:
        return drawn(mobilenet_v2(), size)
    net = MobileNetV2(10, 0.1, [[1, 16, 1, 1], [6, 24, 2, 2], [6, 32, 2, 2], [6, 64, 1, 1]], 2)
    last, head = net.features[-1], net.classifier[1]
    for tensor in [last[0].weight, *last[1].parameters(), last[1].running_mean, last[1].running_var]:
        tensor.data = tensor.data[:24].clone()
    head.weight.data = head.weight.data[:, :24].clone()
    return drawn(net, size)


def efficientnet(size, whole):
    if whole:
        return drawn(efficientnet_b0(), size)
    settings = [(1, 3, 1, 32, 16, 1), (6, 3, 2, 16, 24, 2), (6, 5, 2, 24, 40, 1), (6, 5, 1, 40, 80, 1)]
    return drawn(EfficientNet([MBConvConfig(*s, 0.1, 1) for s in settings], 0.2, num_classes=10, last_channel=24), size)


def vit(whole):
    net = VisionTransformer(224, 16, 12, 3, 192, 768) if whole else VisionTransformer(16, 4, 2, 2, 16, 32, num_classes=10)
    for name, p in net.named_parameters():
        if name in ("class_token", "heads.head.weight", "encoder.pos_embedding"):
            p.data = torch.randn_like(p) * 0.2
    return net, {"x": torch.rand(2, 3, net.image_size, net.image_size)}


def drawn(net, size):
    """With statistics and factors as after a training."""
    for m in net.modules():
        if isinstance(m, nn.BatchNorm2d):
            m.weight.data = torch.rand_like(m.weight) + 0.5
            m.bias.data = torch.randn_like(m.bias) * 0.1
    with torch.no_grad():
        for _ in range(3):
            net(torch.rand(4, 3, size, size))
    return net, {"x": torch.rand(2, 3, size, size)}


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(12, 6)
        self.lstm = nn.LSTM(6, 8, 2, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(16, 5)

    def forward(self, ids):
        return self.fc(self.lstm(self.embedding(ids))[0])


class Bert(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(12, 16)
        layer = nn.TransformerEncoderLayer(16, 4, 32, activation="gelu", batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.fc = nn.Linear(16, 5)

    def forward(self, ids):
        return self.fc(self.encoder(self.embedding(ids)))


def write(folder, name, net, inputs):
    for p in net.parameters():
        if p.dim() == 1 and (p == p[0]).all():
            p.data = p.data + torch.randn_like(p) * 0.2
    torch.save(net.state_dict(), folder / f"{name}.pth")
    net.eval()
    with torch.no_grad():
        output = net(*inputs.values())
    torch.save({**inputs, "output": output}, folder / f"{name}.run.pth")


def main():
    torch.manual_seed(5)
    if sys.argv[1] == "--whole":
        write(Path(sys.argv[2]), "resnet18", *resnet(224, True))
        write(Path(sys.argv[2]), "mobilenet_v2", *mobilenet(224, True))
        write(Path(sys.argv[2]), "efficientnet_b0", *efficientnet(224, True))
        write(Path(sys.argv[2]), "vit_tiny", *vit(True))
        return
    folder = Path(sys.argv[1])
    ids = {"ids": torch.randint(0, 12, (3, 7), dtype=torch.int32)}
    write(folder, "resnet18", *resnet(32, False))
    write(folder, "lstm", Tagger(), ids)
    write(folder, "transformer", Bert(), ids)
    write(folder, "mobilenet_v2", *mobilenet(32, False))
    write(folder, "efficientnet_b0", *efficientnet(32, False))
    write(folder, "vit_tiny", *vit(False))


main()
