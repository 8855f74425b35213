"""torchvision's own backbones without their classifiers, as feature extractors of four levels."""

import torch
from torch import nn

import torchvision_without_ops  # noqa: F401
import torchvision


class ResNeXt(nn.Module):
    channels = (256, 512, 1024, 2048)

    def __init__(self):
        super().__init__()
        model = torchvision.models.resnext50_32x4d(weights=None)
        for name, part in model.named_children():
            if name not in ("avgpool", "fc"):
                setattr(self, name, part)

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        outputs = []
        for i in range(4):
            x = getattr(self, f"layer{i + 1}")(x)
            outputs.append(x)
        return outputs


class Features(nn.Module):
    """A model whose body is one sequence `features`, tapped behind some of its members."""

    def __init__(self, model, taps, channels):
        super().__init__()
        self.features, self.taps, self.channels = model.features, taps, channels

    def forward(self, x):
        outputs = []
        for i, part in enumerate(self.features):
            x = part(x)
            if i in self.taps:
                outputs.append(x)
        return outputs


MAKERS = {
    "resnext50_32x4d": ResNeXt,
    "mobilenet_v3_large": lambda: Features(
        torchvision.models.mobilenet_v3_large(weights=None), (3, 6, 12, 16), (24, 40, 112, 960)
    ),
    "convnext_tiny": lambda: Features(
        torchvision.models.convnext_tiny(weights=None, stochastic_depth_prob=0.0),
        (1, 3, 5, 7),
        (96, 192, 384, 768),
    ),
}


def of_state(state):
    """Which of them a checkpoint holds; None for a plain ResNet."""
    if "backbone.features.0.0.weight" in state:
        kernel = state["backbone.features.0.0.weight"].shape[-1]
        return "convnext_tiny" if kernel == 4 else "mobilenet_v3_large"
    grouped = state.get("backbone.layer1.0.conv2.weight")
    if grouped is not None and grouped.shape[0] == 32 * grouped.shape[1]:
        return "resnext50_32x4d"
    return None


def main():
    """Prints every entry of a backbone's state and its shape."""
    import sys

    for name, value in MAKERS[sys.argv[1]]().state_dict().items():
        print(name, "x".join(map(str, value.shape)) or "scalar")


if __name__ == "__main__":
    main()
