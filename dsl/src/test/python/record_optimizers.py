"""Records how PyTorch's optimizers move the weights of a small net, as a text file for the tests to compare with.

    pip install torch
    python record_optimizers.py ../resources/dev/fluxion/dsl/optim

The build does not need this script or Python: the tests read the recorded file only. Everything is float64. Each case is a line
with its name, and one line for each recorded step: its number and all weights, in the order of the state dict, and their averages. Weights and
batches come from fractions that the test forms, too, so none are stored.
"""

import sys
from pathlib import Path

import torch
from torch import nn
from torch.optim import *

STEPS = (1, 2, 10, 100, 250, 1000)
BATCHES, BATCH, IN, HIDDEN, OUT = 5, 4, 3, 4, 2


def fractions(shape, factor, offset, modulus):
    count = torch.Size(shape).numel()
    return torch.tensor([(i * factor + offset) % modulus / modulus - 0.5 for i in range(count)]).reshape(shape)


class Lion(Optimizer):
    """The definition: it is not in torch.optim."""

    def __init__(self, params, lr, betas=(0.9, 0.99), weight_decay=0):
        super().__init__(params, dict(lr=lr, betas=betas, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            b1, b2 = group["betas"]
            for p in group["params"]:
                m = self.state[p].setdefault("exp_avg", torch.zeros_like(p))
                p.mul_(1 - group["lr"] * group["weight_decay"])
                p.sub_(group["lr"] * torch.sign(b1 * m + (1 - b1) * p.grad))
                m.mul_(b2).add_((1 - b2) * p.grad)


CASES = {
    "sgd": lambda p: SGD(p, 0.1),
    "sgd momentum": lambda p: SGD(p, 0.05, momentum=0.9),
    "sgd dampening": lambda p: SGD(p, 0.05, momentum=0.8, dampening=0.4, weight_decay=0.01),
    "sgd nesterov": lambda p: SGD(p, 0.05, momentum=0.9, nesterov=True, weight_decay=0.001),
    "sgd maximise": lambda p: SGD(p, 1e-4, momentum=0.5, weight_decay=0.1, maximize=True),
    "adam": lambda p: Adam(p, 0.01),
    "adam options": lambda p: Adam(p, 0.01, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.001),
    "adam amsgrad": lambda p: Adam(p, 0.01, amsgrad=True),
    "adam maximise": lambda p: Adam(p, 1e-4, weight_decay=0.1, maximize=True),
    "adamW": lambda p: AdamW(p, 0.01),
    "adamW amsgrad": lambda p: AdamW(p, 0.02, betas=(0.7, 0.9), eps=1e-4, weight_decay=0.1, amsgrad=True),
    "adamax": lambda p: Adamax(p, 0.01),
    "adamax options": lambda p: Adamax(p, 0.02, betas=(0.8, 0.9), eps=1e-3, weight_decay=0.01),
    "nAdam": lambda p: NAdam(p, 0.01),
    "nAdam options": lambda p: NAdam(p, 0.01, betas=(0.8, 0.9), eps=1e-4, weight_decay=0.02, momentum_decay=0.05),
    "nAdam decoupled": lambda p: NAdam(p, 0.01, weight_decay=0.05, decoupled_weight_decay=True),
    "rAdam": lambda p: RAdam(p, 0.01),
    "rAdam options": lambda p: RAdam(p, 0.01, betas=(0.8, 0.9), eps=1e-4, weight_decay=0.02),
    "rAdam decoupled": lambda p: RAdam(p, 0.01, weight_decay=0.05, decoupled_weight_decay=True),
    "adagrad": lambda p: Adagrad(p, 0.1),
    "adagrad options": lambda p: Adagrad(
        p, 0.1, lr_decay=0.01, weight_decay=0.01, initial_accumulator_value=0.3, eps=1e-4
    ),
    "adadelta": lambda p: Adadelta(p, 1),
    "adadelta options": lambda p: Adadelta(p, 0.5, rho=0.8, eps=1e-4, weight_decay=0.01),
    "rmsProp": lambda p: RMSprop(p, 0.001),
    "rmsProp momentum": lambda p: RMSprop(p, 0.001, alpha=0.9, eps=1e-4, momentum=0.8, weight_decay=0.01),
    "rmsProp centred": lambda p: RMSprop(p, 0.001, centered=True),
    "rmsProp all": lambda p: RMSprop(p, 0.001, alpha=0.9, eps=1e-2, momentum=0.5, centered=True, weight_decay=0.01),
    "rprop": lambda p: Rprop(p, 0.01),
    "rprop options": lambda p: Rprop(p, 0.02, etas=(0.4, 1.3), step_sizes=(1e-4, 0.1)),
    "lion": lambda p: Lion(p, 0.001),
    "lion options": lambda p: Lion(p, 0.002, betas=(0.8, 0.95), weight_decay=0.1),
    "asgd": lambda p: ASGD(p, 0.1),
    "adafactor": lambda p: Adafactor(p, 0.01, eps=(2**-23, 1e-3)),
    "adafactor options": lambda p: Adafactor(p, 0.05, beta2_decay=-0.6, eps=(1e-3, 0.2), d=1.5, weight_decay=0.02),
    "asgd options": lambda p: ASGD(p, 0.1, lambd=0.01, alpha=0.6, t0=20, weight_decay=0.01),
}


class Plan:
    """Several optimizers, what is done to gradients before them, and what follows them."""

    def __init__(self, *optimizers, clip=lambda model: None, scheduler=None, decay=None, every=1):
        self.optimizers, self.clip, self.scheduler, self.decay, self.every = optimizers, clip, scheduler, decay, every


def one_cycle(optimizer):
    return Plan(optimizer, scheduler=torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.05, 1000))


def orthogonal(grad, coefficients, steps, eps):
    """PyTorch's, without its rounding to bfloat16."""
    a, b, c = coefficients
    x = grad.T if grad.size(0) > grad.size(1) else grad
    x = x / x.norm().clamp(min=eps)
    for _ in range(steps):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.T if grad.size(0) > grad.size(1) else x


torch.optim._muon._zeropower_via_newtonschulz = orthogonal


def muon(model, others, *options, **named):
    matrices = [p for p in model.parameters() if p.ndim == 2]
    return Plan(Muon(matrices, *options, **named), others([p for p in model.parameters() if p.ndim != 2]))


PLANS = {
    "muon": lambda m: muon(m, lambda p: AdamW(p, 3e-4, (0.9, 0.95), 1e-10, 0), 0.001),
    "muon options": lambda m: muon(
        m,
        lambda p: AdamW(p, 0.01),
        0.002,
        weight_decay=0.02,
        momentum=0.8,
        nesterov=False,
        ns_coefficients=(2, -1.5, 0.5),
        eps=1e-3,
        ns_steps=8,
        adjust_lr_fn="match_rms_adamw",
    ),
    "adamW groups": lambda m: Plan(
        AdamW(
            [
                {"params": [m[0].weight], "lr": 0.005},
                {"params": [m[0].bias], "lr": 0.005, "weight_decay": 0},
                {"params": [m[2].weight], "lr": 0.02},
                {"params": [m[2].bias], "lr": 0.02, "weight_decay": 0},
            ],
            weight_decay=0.1,
        )
    ),
    "sgd group of its own": lambda m: Plan(
        SGD(m[0].parameters(), 0.05, momentum=0.9, weight_decay=0.01), Adam(m[2].parameters(), 0.01)
    ),
    "sgd clipNorm": lambda m: Plan(
        SGD(m.parameters(), 0.1), clip=lambda m: nn.utils.clip_grad_norm_(m.parameters(), 0.05)
    ),
    "adam clipValue": lambda m: Plan(
        Adam(m.parameters(), 0.01), clip=lambda m: nn.utils.clip_grad_value_(m.parameters(), 0.02)
    ),
    "adam average": lambda m: Plan(Adam(m.parameters(), 0.01), decay=0.98),
    "sgd average": lambda m: Plan(SGD(m.parameters(), 0.1), decay=0.9),
    "sgd accumulate": lambda m: Plan(SGD(m.parameters(), 0.1, momentum=0.9), every=4),
    "sgd oneCycle": lambda m: one_cycle(SGD(m.parameters(), 0.05, momentum=0.9)),
    "adam oneCycle": lambda m: one_cycle(Adam(m.parameters(), 0.05)),
}


# All steps with one batch. Rounding grows fast where steps are many and small: those cases are compared for a few steps only.
SEARCHES = {
    "lbfgs": (lambda p: LBFGS(p), STEPS),
    "lbfgs strongWolfe": (lambda p: LBFGS(p, line_search_fn="strong_wolfe"), STEPS),
    "lbfgs options": (lambda p: LBFGS(p, 0.1, max_iter=4, history_size=5), (1, 2, 10)),
    "lbfgs one": (lambda p: LBFGS(p, 0.01, max_iter=1, history_size=3), (1, 2, 10, 100)),
    "lbfgs tolerances": (
        lambda p: LBFGS(
            p, 0.5, max_iter=6, max_eval=9, tolerance_grad=1e-2, tolerance_change=1e-4, line_search_fn="strong_wolfe"
        ),
        (1, 2, 10, 1000),
    ),
}


# Steps that read some rows of a table, one of them twice; two rows are never read.
TABLES = {
    "sparseAdam": lambda t, p: [SparseAdam(t, 0.02), Adam(p, 0.01)],
    "sparseAdam options": lambda t, p: [SparseAdam(t, 0.01, betas=(0.8, 0.95), eps=1e-3), Adam(p, 0.01)],
}


def net():
    model = nn.Sequential(nn.Linear(IN, HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, OUT))
    with torch.no_grad():
        for k, p in enumerate(model.parameters()):
            p.copy_(fractions(p.shape, 53, 17 + k, 97))
    return model


def record(name, make, out):
    model = net()
    plan = make(model)
    average = torch.optim.swa_utils.AveragedModel(
        model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(plan.decay or 0)
    )
    inputs = fractions((BATCHES, BATCH, IN), 37, 11, 101)
    targets = fractions((BATCHES, BATCH, OUT), 29, 5, 89)
    out.write(f"case {name}\n")
    for step in range(1, STEPS[-1] + 1):
        batch = (step - 1) % BATCHES
        (nn.functional.mse_loss(model(inputs[batch]), targets[batch]) / plan.every).backward()
        if step % plan.every == 0:
            plan.clip(model)
            for optimizer in plan.optimizers:
                optimizer.step()
            if plan.scheduler and step < STEPS[-1]:
                plan.scheduler.step()
            average.update_parameters(model)
            model.zero_grad()
        if step in STEPS:
            models = [model, average.module] if plan.decay else [model]
            weights = torch.cat([p.detach().flatten() for m in models for p in m.parameters()])
            out.write(" ".join([str(step)] + [repr(x) for x in weights.tolist()]) + "\n")


def record_search(name, make, steps, out):
    model = net()
    optimizer = make(model.parameters())
    inputs = fractions((BATCH, IN), 37, 11, 101)
    targets = fractions((BATCH, OUT), 29, 5, 89)

    def closure():
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(inputs), targets)
        loss.backward()
        return loss

    out.write(f"case {name}\n")
    for step in range(1, steps[-1] + 1):
        optimizer.step(closure)
        if step in steps:
            weights = torch.cat([p.detach().flatten() for p in model.parameters()])
            out.write(" ".join([str(step)] + [repr(x) for x in weights.tolist()]) + "\n")


def record_table(name, make, out):
    model = nn.Sequential(nn.Embedding(11, IN, sparse=True), nn.Linear(IN, OUT))
    with torch.no_grad():
        for k, p in enumerate(model.parameters()):
            p.copy_(fractions(p.shape, 53, 17 + k, 97))
    optimizers = make(list(model[0].parameters()), list(model[1].parameters()))
    targets = fractions((BATCHES, BATCH, OUT), 29, 5, 89)
    out.write(f"case {name}\n")
    for step in range(1, STEPS[-1] + 1):
        ids = torch.tensor([(5 * step + 2 * i * i) % 9 for i in range(BATCH)])
        model.zero_grad()
        nn.functional.mse_loss(model(ids), targets[(step - 1) % BATCHES]).backward()
        for optimizer in optimizers:
            optimizer.step()
        if step in STEPS:
            weights = torch.cat([p.detach().flatten() for p in model.parameters()])
            out.write(" ".join([str(step)] + [repr(x) for x in weights.tolist()]) + "\n")


if __name__ == "__main__":
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    with open(Path(sys.argv[1]) / "trajectories.txt", "w") as file:
        file.write(f"# recorded by record_optimizers.py, torch {torch.__version__}\n")
        for case, maker in CASES.items():
            record(case, lambda model: Plan(maker(model.parameters())), file)
        for case, maker in PLANS.items():
            record(case, maker, file)
        for case, (maker, steps) in SEARCHES.items():
            record_search(case, maker, steps, file)
        for case, maker in TABLES.items():
            record_table(case, maker, file)
