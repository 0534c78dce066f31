"""Records the names of PyTorch's modules, which LayersPageTest looks for on the pages of layers and losses.

    pip install torch
    python record_layer_names.py ../resources/dev/fluxion/dsl/layer/torch_nn.txt

The build does not need this script or Python.
"""

import inspect
import sys

import torch
from torch import nn

names = [n for n, c in sorted(vars(nn).items()) if inspect.isclass(c) and issubclass(c, nn.Module)]
with open(sys.argv[1], "w") as out:
    out.write(f"# The modules of torch.nn; recorded by record_layer_names.py, torch {torch.__version__}\n")
    out.write("\n".join(names) + "\n")
