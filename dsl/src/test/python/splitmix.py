"""Numbers that recorded runs and the tests that follow them draw alike."""

import numpy as np
import torch


class SplitMix64:
    """u = the top 24 bits of each 64-bit draw times 2^-24: uniform in [0, 1), exact in float32."""

    def __init__(self, seed):
        self.state = seed

    def draw(self, *shape):
        count = int(np.prod(shape))
        gamma = np.uint64(0x9E3779B97F4A7C15)
        z = np.uint64(self.state) + np.arange(1, count + 1, dtype=np.uint64) * gamma
        self.state = (self.state + count * int(gamma)) % 2**64
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
        return ((z >> np.uint64(40)).astype(np.float64) * 2.0**-24).reshape(shape)

    def ints(self, bound, *shape):
        return torch.tensor(np.floor(self.draw(*shape) * bound).astype(np.int64))
