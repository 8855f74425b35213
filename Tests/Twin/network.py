"""The reference network in PyTorch: ResNet backbone, FPN, dense, FCOS and image heads.

Written from the same description as Athanor's, with the same parameter names, so that either side
can load the other's checkpoint. Tensors are NCHW here; NHWC at the files' edge.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn

BLOCKS = {
    "resnet10": (1, 1, 1, 1),
    "resnet18": (2, 2, 2, 2),
    "resnet34": (3, 4, 6, 3),
    "resnet50": (3, 4, 6, 3),
}
DETECTION_STRIDES = (8, 16, 32)
# Tasks beside segmentation and detection by name, with the outputs of their heads: a depth, a
# normal, a second segmentation and the classes of whole images.
FURTHER = {"depth": 1, "normals": 3, "lane": 3, "scene": 4}


def conv(c_in, c_out, k, stride=1, bias=False):
    return nn.Conv2d(c_in, c_out, k, stride, k // 2, bias=bias)


class Block(nn.Module):
    """3x3, 3x3 (basic) or 1x1, 3x3, 1x1 (bottleneck), with the shortcut of He et al. 2016."""

    def __init__(self, c_in, width, stride, bottleneck):
        super().__init__()
        c_out = width * (4 if bottleneck else 1)
        if bottleneck:
            self.conv1, self.conv2 = conv(c_in, width, 1), conv(width, width, 3, stride)
            self.conv3, self.bn3 = conv(width, c_out, 1), nn.BatchNorm2d(c_out)
        else:
            self.conv1, self.conv2 = conv(c_in, width, 3, stride), conv(width, width, 3)
        self.bn1, self.bn2 = nn.BatchNorm2d(width), nn.BatchNorm2d(width)
        if stride != 1 or c_in != c_out:
            self.downsample = nn.Sequential(conv(c_in, c_out, 1, stride), nn.BatchNorm2d(c_out))
        self.bottleneck = bottleneck

    def forward(self, x):
        shortcut = self.downsample(x) if hasattr(self, "downsample") else x
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if self.bottleneck:
            y = self.bn3(self.conv3(F.relu(y)))
        return F.relu(y + shortcut)


class Backbone(nn.Module):
    """torchvision's ResNet without `fc`; gives the outputs of its four stages."""

    def __init__(self, blocks=(2, 2, 2, 2), width=64, bottleneck=False):
        super().__init__()
        self.conv1, self.bn1 = conv(3, width, 7, 2), nn.BatchNorm2d(width)
        self.channels, c_in = [], width
        for i, count in enumerate(blocks):
            stage = []
            for j in range(count):
                stride = 2 if i > 0 and j == 0 else 1
                stage.append(Block(c_in, width << i, stride, bottleneck))
                c_in = (width << i) * (4 if bottleneck else 1)
            self.channels.append(c_in)
            setattr(self, f"layer{i + 1}", nn.Sequential(*stage))

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        outputs = []
        for i in range(4):
            x = getattr(self, f"layer{i + 1}")(x)
            outputs.append(x)
        return outputs


class FPN(nn.Module):
    def __init__(self, c_in, channels):
        super().__init__()
        self.inner_blocks = nn.ModuleList(
            nn.Sequential(conv(c, channels, 1, bias=True)) for c in c_in
        )
        self.layer_blocks = nn.ModuleList(
            nn.Sequential(conv(channels, channels, 3, bias=True)) for _ in c_in
        )

    def forward(self, features):
        top, outputs = None, []
        for i in reversed(range(len(features))):
            lateral = self.inner_blocks[i](features[i])
            if top is not None:
                lateral = lateral + F.interpolate(top, size=lateral.shape[-2:], mode="nearest")
            top = lateral
            outputs.insert(0, self.layer_blocks[i](top))
        return outputs


def bilinear(x, factor):
    if factor == 1:
        return x
    return F.interpolate(x, scale_factor=factor, mode="bilinear", align_corners=False)


class DenseHead(nn.Module):
    """A number of outputs for each pixel: class logits, a depth, a normal."""

    def __init__(self, channels, outputs, width=64, groups=16):
        super().__init__()
        self.levels = nn.ModuleList(
            nn.Sequential(conv(channels, width, 3), nn.GroupNorm(groups, width), nn.ReLU())
            for _ in range(4)
        )
        self.predictor = conv(width, outputs, 1, bias=True)

    def forward(self, pyramid):
        total = 0
        for i, (level, x) in enumerate(zip(self.levels, pyramid)):
            total = total + bilinear(level(x), 1 << i)
        return bilinear(self.predictor(total), 4)


def tower(channels, groups=16):
    layers = []
    for _ in range(2):
        layers += [conv(channels, channels, 3, bias=True), nn.GroupNorm(groups, channels), nn.ReLU()]
    return nn.Sequential(*layers)


class ClassificationHead(nn.Module):
    def __init__(self, channels, classes):
        super().__init__()
        self.conv, self.cls_logits = tower(channels), conv(channels, classes, 3, bias=True)


class RegressionHead(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = tower(channels)
        self.bbox_reg = conv(channels, 4, 3, bias=True)
        self.bbox_ctrness = conv(channels, 1, 3, bias=True)
        self.scales = nn.ParameterList(nn.Parameter(torch.ones(1)) for _ in DETECTION_STRIDES)


class DetectionHead(nn.Module):
    """FCOS (Tian et al. 2019), shared over P3 to P5."""

    def __init__(self, channels, classes):
        super().__init__()
        self.classification_head = ClassificationHead(channels, classes)
        self.regression_head = RegressionHead(channels)

    def forward(self, pyramid):
        """Per level: class logits, raw box output (before scale and exp), centerness logit."""
        outputs = []
        for x in pyramid:
            c = self.classification_head.conv(x)
            r = self.regression_head.conv(x)
            outputs.append(
                {
                    "cls": self.classification_head.cls_logits(c),
                    "box": self.regression_head.bbox_reg(r),
                    "ctr": self.regression_head.bbox_ctrness(r),
                }
            )
        return outputs


class ImageHead(nn.Module):
    """Class logits of the image as a whole."""

    def __init__(self, channels, classes):
        super().__init__()
        self.fc = nn.Linear(channels, classes)

    def forward(self, pyramid):
        return self.fc(pyramid[-1].mean((2, 3)))


class Network(nn.Module):
    def __init__(
        self,
        backbone="resnet18",
        segmentation_classes=8,
        detection_classes=8,
        width=64,
        channels=128,
        blocks=None,
        bottleneck=None,
        further=(),
    ):
        super().__init__()
        if bottleneck is None:
            bottleneck = backbone == "resnet50"
        if backbone in BLOCKS or blocks:
            self.backbone = Backbone(blocks or BLOCKS[backbone], width, bottleneck)
        else:
            import backbones

            self.backbone = backbones.MAKERS[backbone]()
        self.fpn = FPN(self.backbone.channels, channels)
        self.segmentation = DenseHead(channels, segmentation_classes)
        self.detection = DetectionHead(channels, detection_classes)
        self.further = [name for name in FURTHER if name in further]
        for name in self.further:
            head = ImageHead if name == "scene" else DenseHead
            setattr(self, name, head(channels, FURTHER[name]))
        self.initialise()

    def initialise(self):
        for name, m in self.named_modules():
            if not isinstance(m, nn.Conv2d):
                continue
            if name.startswith("detection."):
                nn.init.normal_(m.weight, std=0.01)
            elif name.startswith("fpn."):
                nn.init.kaiming_uniform_(m.weight, a=1)
            else:
                nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")
            if m.bias is not None:
                nn.init.zeros_(m.bias)
        nn.init.constant_(self.detection.classification_head.cls_logits.bias, -math.log(99))

    def forward(self, image):
        """image [N,3,H,W], H and W multiples of 32. The outputs of further tasks come by name."""
        pyramid = self.fpn(self.backbone(image))
        further = {name: getattr(self, name)(pyramid) for name in self.further}
        return self.segmentation(pyramid), self.detection(pyramid[1:]), further

    @classmethod
    def of_checkpoint(cls, state):
        """The network whose shapes `state` has, with its values loaded."""
        special = None
        if "backbone.features.0.0.weight" in state or "backbone.layer1.0.conv3.weight" in state:
            import backbones

            special = backbones.of_state(state)
        blocks = []
        for i in range(1, 5):
            stage = f"backbone.layer{i}."
            blocks.append(
                len({n[len(stage) :].split(".")[0] for n in state if n.startswith(stage)})
            )
        stem = state.get("backbone.conv1.weight")
        network = cls(
            backbone=special or "resnet18",
            blocks=None if special else blocks,
            bottleneck="backbone.layer1.0.conv3.weight" in state,
            width=64 if stem is None else stem.shape[0],
            channels=state["fpn.inner_blocks.0.0.weight"].shape[0],
            segmentation_classes=state["segmentation.predictor.weight"].shape[0],
            detection_classes=state["detection.classification_head.cls_logits.weight"].shape[0],
            further={name.split(".")[0] for name in state},
        )
        network.load_state_dict(state, strict=True)
        return network
