"""Records the learning rates of PyTorch's schedulers, as a text file for the tests to compare with.

    pip install torch
    python record_schedules.py ../resources/dev/fluxion/dsl/optim

The build does not need this script or Python: the tests read the recorded file only. Each case is a line with its name, and one
with the factors of the rate 0.1 at steps 0 to 999; "x*n" stands for n times x. Momentum and beta1 are recorded beside the rates
where a scheduler moves them.
"""

import itertools
import sys
import warnings
from pathlib import Path

import torch
from torch.optim.lr_scheduler import *

STEPS, RATE = 1000, 0.1


def value(i):
    """What a validation gives: it falls, rises now and then, and comes to rest."""
    return 1 / (1 + i % 400 // 7) + (i * 37 % 11) / 1000


CASES = {
    "lambda": lambda o: LambdaLR(o, lambda i: 1 / (1 + i * 0.01)),
    "multiplicative": lambda o: MultiplicativeLR(o, lambda i: 0.99 if i % 2 else 1.005),
    "step": lambda o: StepLR(o, 30, 0.9),
    "multiStep": lambda o: MultiStepLR(o, [10, 300, 300, 700], 0.5),
    "constant": lambda o: ConstantLR(o, 0.25, 100),
    "linear": lambda o: LinearLR(o, 0.3, 0.9, 700),
    "exponential": lambda o: ExponentialLR(o, 0.997),
    "polynomial": lambda o: PolynomialLR(o, 900, 1.7),
    "cosine": lambda o: CosineAnnealingLR(o, 1000, 0.01),
    "cosineRestarts": lambda o: CosineAnnealingWarmRestarts(o, 70, 1, 0.001),
    "cosineRestarts growing": lambda o: CosineAnnealingWarmRestarts(o, 50, 2, 0),
    "oneCycle": lambda o: OneCycleLR(o, RATE, 1000),
    "oneCycle linear": lambda o: OneCycleLR(o, RATE, 1100, pct_start=0.4, anneal_strategy="linear", div_factor=10, final_div_factor=50),
    "oneCycle three phases": lambda o: OneCycleLR(o, RATE, 1000, three_phase=True),
    "cyclic": lambda o: CyclicLR(o, 0.01, RATE, 90),
    "cyclic halving": lambda o: CyclicLR(o, 0.02, RATE, 70, 130, mode="triangular2"),
    "cyclic gamma": lambda o: CyclicLR(o, 0.01, RATE, 90, mode="exp_range", gamma=0.995),
    "plateau": lambda o: ReduceLROnPlateau(o, factor=0.7, patience=5, cooldown=3, min_lr=0.0005),
    "plateau largest": lambda o: ReduceLROnPlateau(o, "max", factor=0.9, patience=9, threshold=0.01, threshold_mode="abs"),
    "then": lambda o: SequentialLR(o, [LinearLR(o, 0.1, 1, 20), StepLR(o, 100, 0.5), ExponentialLR(o, 0.99)], [20, 620]),
    "times": lambda o: ChainedScheduler([ConstantLR(o, 0.5, 40), ExponentialLR(o, 0.998)]),
}


def momentum(optimizer):
    group = optimizer.param_groups[0]
    return group["betas"][0] if "betas" in group else group["momentum"]


def record(name, make, optimizer):
    scheduler = make(optimizer)
    rates, momenta = [], []
    for i in range(STEPS):
        rates.append(optimizer.param_groups[0]["lr"])
        momenta.append(momentum(optimizer))
        optimizer.step()
        scheduler.step(value(i)) if isinstance(scheduler, ReduceLROnPlateau) else scheduler.step()
    return rates, momenta


def line(numbers):
    words = []
    for word, same in itertools.groupby(f"{x:.12g}" for x in numbers):
        count = len(list(same))
        words.append(word if count == 1 else f"{word}*{count}")
    return " ".join(words)


if __name__ == "__main__":
    torch.set_default_dtype(torch.float64)
    warnings.simplefilter("ignore")
    weight = torch.nn.Parameter(torch.zeros(1))
    weight.grad = torch.zeros(1)
    with open(Path(sys.argv[1]) / "schedules.txt", "w") as file:
        file.write(f"# recorded by record_schedules.py, torch {torch.__version__}\n")
        for case, maker in CASES.items():
            rates, momenta = record(case, maker, torch.optim.SGD([weight], RATE, momentum=0.9))
            file.write(f"case {case}\n{line(x / RATE for x in rates)}\n")
            if case in ("oneCycle", "cyclic halving"):
                file.write(f"case {case} momentum\n{line(x / 0.95 if case == 'oneCycle' else x / 0.9 for x in momenta)}\n")
