"""The recipe `fluxion train conv --data-set mnist --epochs 20 --no-augment --seed S` in PyTorch, for the same number of seeds.

usage: mnist_recipe.py DIR SEED [SEED ...]     DIR has the four files of MNIST
"""
import gzip
import os
import sys

import numpy as np
import torch
from torch import nn


def read(folder, name, skip):
    path = os.path.join(folder, name)
    opened = open(path, "rb") if os.path.exists(path) else gzip.open(path + ".gz")
    with opened as file:
        return np.frombuffer(file.read(), np.uint8)[skip:]


def images(folder, part):
    pixels = read(folder, part + "-images-idx3-ubyte", 16).reshape(-1, 1, 28, 28)
    labels = read(folder, part + "-labels-idx1-ubyte", 8)
    return torch.from_numpy(pixels.astype(np.float32) / 255), torch.from_numpy(labels.astype(np.int64))


def run(train, test, seed, epochs=20, batch=64):
    torch.manual_seed(seed)
    net = nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(1600, 128), nn.ReLU(), nn.Linear(128, 10))
    optimizer = torch.optim.SGD(net.parameters(), 0.01, 0.9)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    for epoch in range(epochs):
        for rows in torch.randperm(len(train[0])).split(batch):
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(train[0][rows]), train[1][rows]).backward()
            optimizer.step()
        schedule.step()
    with torch.no_grad():
        hits = sum(int((net(x).argmax(1) == y).sum()) for x, y in zip(test[0].split(200), test[1].split(200)))
    return hits / len(test[0])


if __name__ == "__main__":
    torch.set_num_threads(int(os.environ.get("THREADS", "1")))
    data = images(sys.argv[1], "train"), images(sys.argv[1], "t10k")
    found = []
    for seed in map(int, sys.argv[2:]):
        found.append(run(*data, seed))
        print("seed", seed, "accuracy", found[-1], flush=True)
    print("mean", sum(found) / len(found))
