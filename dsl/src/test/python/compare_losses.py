"""Compares values and gradients of Fluxion's losses with PyTorch's, in double precision.

    mvn -pl dsl -am test-compile
    java -cp <test class path of dsl> dev.fluxion.dsl.loss.LossDump losses.jsonl 20
    python compare_losses.py losses.jsonl

Needs PyTorch 2.13 or later. The error of an array is the largest difference over the largest size of an element, at least
1e-3. Elements of a gradient that PyTorch does not have, or that are not finite there, are not compared; arrays with such
elements are counted as undefined.
"""

import collections
import json
import math
import sys
import warnings

import torch
import torch.nn.functional as F

LIMIT = 1e-10
T = lambda numbers: torch.tensor(numbers, dtype=torch.float64)


def red(each, r):
    return {"none": each, "mean": each.mean(), "sum": each.sum()}[r]


def dice(p, g, axes, smooth, power, alpha, beta):
    both = (p * g).sum(axes)
    false_positives = (p**power).sum(axes) - both
    false_negatives = (g**power).sum(axes) - both
    return 1 - (2 * both + smooth) / (2 * (both + alpha * false_positives + beta * false_negatives) + smooth)


def error(ours, theirs):
    """The relative error of an array; NaN of PyTorch's is not compared."""
    worst, size = 0.0, 1e-3
    for a, b in zip(ours, theirs):
        if math.isinf(b) or math.isinf(a):
            if a != b:
                return math.inf
        elif not math.isnan(b):
            worst = math.inf if math.isnan(a) else max(worst, abs(a - b))
            size = max(size, abs(b))
    return worst / size


def main(path):
    warnings.filterwarnings("ignore")
    value_errors, gradient_errors = collections.defaultdict(float), collections.defaultdict(float)
    count, undefined = collections.Counter(), collections.Counter()
    failed = False
    for line in open(path):
        case = json.loads(line)
        name = case["loss"]
        env = {"F": F, "T": T, "torch": torch, "math": math, "red": red, "dice": dice}
        env["r"] = case["reduction"].lower().replace("_", "")
        leaves = []
        for i, given in enumerate(case["inputs"]):
            x = T(given["data"]).reshape(given["shape"])
            x = x.long() if given["gradient"] is None else x.requires_grad_(True)
            env[f"x{i}"] = x
            leaves.append(x)
        value = eval(case["torch"], env)
        if value.requires_grad:
            value.sum().backward()
        count[name] += 1
        e = error(case["value"], value.detach().reshape(-1).tolist())
        value_errors[name] = max(value_errors[name], e)
        worst = e
        for x, given in zip(leaves, case["inputs"]):
            if given["gradient"] is None:
                continue
            theirs = [math.nan] * x.numel() if x.grad is None else x.grad.reshape(-1).tolist()
            theirs = [v if math.isfinite(v) else math.nan for v in theirs]
            undefined[name] += any(math.isnan(v) for v in theirs)
            e = error(given["gradient"], theirs)
            gradient_errors[name] = max(gradient_errors[name], e)
            worst = max(worst, e)
        if worst > LIMIT:
            if not failed:
                print("first difference:", worst, line)
            failed = True
    print(f"PyTorch {torch.__version__}, {sum(count.values())} configurations")
    print(f"{'loss':32}{'cases':>7}{'value':>11}{'gradient':>11}{'undefined':>11}")
    for name in count:
        print(f"{name:32}{count[name]:7}{value_errors[name]:11.1e}{gradient_errors[name]:11.1e}{undefined[name]:11}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main(sys.argv[1])
