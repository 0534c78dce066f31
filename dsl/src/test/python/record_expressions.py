"""Records what PyTorch makes of the left column of EXPRESSIONS.md, as text for ExpressionsPageTest to compare with.

    pip install torch numpy
    python record_expressions.py ../../../EXPRESSIONS.md ../resources/dev/fluxion/dsl/expressions.txt

The build does not need this script or Python. Other numbers, of a seed, stay outside of the build:

    python record_expressions.py ../../../EXPRESSIONS.md /tmp/expressions.txt 1
    mvn -pl dsl -am test -Dtest=ExpressionsPageTest -Dsurefire.failIfNoSpecifiedTests=false -DargLine=-Dfluxion.expressions=/tmp/expressions.txt

First come the tensors that the page names, then each row's result, and of floating-point
ones the gradients of Σ result·w by all floating-point tensors that the row names, w being the weights of this script and the test.
Numbers given are exact in float32, results are those of float64.
"""

import math
import re
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

ROW = re.compile(r"^\| `(.+?)` \| `(.+?)` \|$", re.M)


def given(seed):
    random = np.random.default_rng(seed)

    def floats(*shape, least=-2.0, most=2.0):
        return torch.tensor(np.round(random.uniform(least, most, shape) * 1024).astype(np.float32) / 1024).double()

    def ints(*shape, least, most):
        return torch.tensor(random.integers(least, most, shape))

    all = dict(
        x=floats(2, 3, 4), y=floats(2, 3, 4), u=floats(2, 3, 4, least=-0.9, most=0.9), p=floats(2, 3, 4, least=0.5, most=3),
        z=floats(2, 3, 4), a=floats(3, 4), b=floats(4, 2), s=floats(3, 3), e=floats(0, 3),
        i=ints(2, 3, 4, least=0, most=3), n=ints(2, 3, 4, least=-9, most=10), k=ints(2, 3, 4, least=1, most=5),
        j=ints(2, 2, least=0, most=3), q=torch.tensor(random.permuted(np.arange(24).reshape(2, 3, 4) // 4 % 3, axis=1)[:, :2]))
    all["z"][torch.tensor(random.random((2, 3, 4)) < 0.3)] = 0
    all["z"][0, 0, 0] = all["z"][0, 1, 0] = 0
    all["k"] *= torch.tensor(random.choice([-1, 1], (2, 3, 4)))
    return all


def number(x):
    return "NaN" if math.isnan(x) else repr(x).replace("inf", "Infinity")


def line(name, tensor):
    kind = "float" if tensor.is_floating_point() else "int"
    shape = "x".join(map(str, tensor.shape)) or "scalar"
    return " ".join([name, kind, shape] + [number(float(v)) for v in tensor.detach().reshape(-1).tolist()])


def weights(shape):
    count = math.prod(shape)
    return torch.tensor([(i * 37 % 17 - 8) / 8 for i in range(count)], dtype=torch.float64).reshape(shape)


def main():
    torch.set_num_threads(1)
    lines = [f"# PyTorch's functions in float64; recorded by record_expressions.py, torch {torch.__version__}"]
    tensors = given(int(sys.argv[3]) if len(sys.argv) > 3 else 7)
    lines += [line(n, t) for n, t in tensors.items()]
    for torchs, _ in ROW.findall(Path(sys.argv[1]).read_text()):
        leaves = {n: t.clone().requires_grad_() if t.is_floating_point() else t for n, t in tensors.items()}
        result = eval(torchs, dict(torch=torch, F=F), leaves)
        lines += [f"row {torchs}", line("result", result)]
        if result.requires_grad and result.is_floating_point():
            (result * weights(result.shape)).sum().backward()
        for n, t in leaves.items():
            if t.is_floating_point() and t.grad is not None:
                lines.append(line("d" + n, t.grad))
    Path(sys.argv[2]).write_text("\n".join(lines) + "\n")


main()
