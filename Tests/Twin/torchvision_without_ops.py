"""Imports torchvision where its compiled operators cannot load (CPU-only PyTorch).

The models and losses are pure Python; each missing operator is declared, never defined.
"""

import re
import sys

import torch

_library = torch.library.Library("torchvision", "FRAGMENT")
while True:
    try:
        import torchvision  # noqa: F401
        import torchvision.models  # noqa: F401
        import torchvision.ops  # noqa: F401

        break
    except RuntimeError as error:
        missing = re.search(r"torchvision::(\w+)", str(error))
        if not missing:
            raise
        _library.define(f"{missing.group(1)}(Tensor a) -> Tensor")
        for name in [n for n in sys.modules if n.split(".")[0] == "torchvision"]:
            del sys.modules[name]
