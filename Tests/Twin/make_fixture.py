"""Writes a seeded checkpoint (W.safetensors) and batch (B.safetensors) for `athanor step`.

The weights are random and away from their initial values (norm scales, biases, FCOS scales), so
that a wrong gradient of any of them shows. Normalised activations are shifted by `--bias` (3): a
ReLU whose input lies within rounding of 0 passes a gradient on one side and none on the other, and
at shift 0 such flips alone put two exact f32 implementations 1e-3 to 1e-2 apart. The batch has every partial-label case: mask and boxes,
mask alone, boxes alone, labelled without objects. With `--further` there are heads and labels for
depth, normals, a second segmentation (`lane`) and image classes (`scene`), each of which is missing
somewhere.
"""

import argparse
import pathlib

import numpy as np
import torch
from safetensors.torch import save_file

from network import FURTHER, Network


def make_weights(network, seed, bias=3.0):
    g = torch.Generator().manual_seed(seed)
    state = network.state_dict()
    for name, value in state.items():
        normal = torch.randn(value.shape, generator=g) if value.is_floating_point() else None
        if name.endswith("num_batches_tracked"):
            continue
        if "scales" in name:
            value.copy_(1 + 0.2 * normal)
        elif name.endswith("layer_scale"):
            value.copy_(0.5 + 0.1 * normal)
        elif name.endswith("running_var"):
            value.copy_(1 + 0.1 * normal.abs())
        elif name.endswith("running_mean"):
            value.copy_(0.1 * normal)
        elif value.dim() == 1 and name.endswith("weight"):
            value.copy_(1 + 0.2 * normal.clamp(-2, 2))
        elif name.endswith("bias"):
            weight = state[name[: -len("bias")] + "weight"]
            value.add_(0.1 * normal + (bias if weight.dim() == 1 else 0))
        else:
            fan_out = value.numel() / value.shape[1]
            gain = 2.0 if name.startswith("backbone.") else 1.0
            if name.endswith(("bbox_reg.weight", "bbox_ctrness.weight", "cls_logits.weight")):
                value.copy_(0.02 * normal)
            elif name == "depth.predictor.weight":
                # Depths well above 0: the logarithm's derivative is as steep as its argument small.
                value.copy_(0.01 * normal.abs())
            elif name.endswith((".predictor.weight", ".fc.weight")):
                value.copy_(0.05 * normal)
            else:
                value.copy_((gain / fan_out) ** 0.5 * normal)
    return state


def make_batch(seed, count, height, width, segmentation_classes, detection_classes):
    """Soft blobs of colour under noise, rectangles as objects; sizes reach all three levels."""
    r = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    image = np.zeros((count, height, width, 3), np.float32)
    mask = np.zeros((count, height, width), np.uint8)
    boxes, classes = [], []
    has_boxes = np.ones(count, np.uint8)
    for n in range(count):
        for c in range(3):
            a, b, phase = r.uniform(-0.1, 0.1, 2).tolist() + [r.uniform(0, 6)]
            image[n, ..., c] = np.sin(a * x + b * y + phase) + 0.3 * r.standard_normal((height, width))
        for size in (20, 48, 90, 150, 220, 30):
            w, h = (min(size * r.uniform(0.7, 1.3), m * 0.9) for m in (width, height))
            x1, y1 = r.uniform(0, width - w), r.uniform(0, height - h)
            k = int(r.integers(detection_classes))
            inside = (x >= x1) & (x < x1 + w) & (y >= y1) & (y < y1 + h)
            image[n][inside] += r.uniform(-1, 1, 3)
            mask[n][inside] = 1 + k % (segmentation_classes - 1)
            boxes.append((n, x1, y1, x1 + w, y1 + h))
            classes.append(k)
        mask[n, :, : r.integers(1, 9)] = 255
    if count > 1:
        mask[1] = 255  # boxes without a mask
    keep = np.ones(len(boxes), bool)
    owner = np.array([b[0] for b in boxes])
    if count > 2:
        keep &= owner != 2
        has_boxes[2] = 0  # a mask without boxes
    if count > 3:
        keep &= owner != 3  # labelled, no object
    return {
        "image": torch.from_numpy(image),
        "mask": torch.from_numpy(mask),
        "boxes": torch.tensor(np.array(boxes, np.float32)[keep]),
        "classes": torch.tensor(np.array(classes, np.int32)[keep]),
        "has_boxes": torch.from_numpy(has_boxes),
    }


def make_further_labels(seed, image):
    """The labels of `FURTHER`, none of which all images have."""
    r = np.random.default_rng(seed)
    count, height, width, _ = image.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    depth = np.zeros((count, height, width), np.float32)
    normals = np.zeros((count, height, width, 3), np.float32)
    lane = np.zeros((count, height, width), np.uint8)
    for n in range(count):
        a, b, phase = r.uniform(-0.1, 0.1, 2).tolist() + [r.uniform(0, 6)]
        wave = a * x + b * y + phase
        depth[n] = 6 + 4 * np.sin(wave) + 0.2 * r.standard_normal((height, width))
        slope = 20 * np.cos(wave)
        normals[n] = np.stack((-a * slope, -b * slope, np.ones_like(wave)), -1)
        lane[n] = (wave * 3).astype(np.int64) % FURTHER["lane"]
        # Where nothing is known, in each of its spellings.
        depth[n, :5], depth[n, 5], depth[n, 6], depth[n, 7] = 0, -1, np.nan, np.inf
        normals[n, :, -9:] = 0
        lane[n, -7:] = 255
    normals /= np.maximum(np.linalg.norm(normals, axis=-1, keepdims=True), 1e-12)
    scene = r.integers(FURTHER["scene"], size=count).astype(np.int32)
    if count > 3:
        depth[1], normals[2], lane[3], scene[0] = 0, 0, 255, -1
    arrays = {"depth": depth, "normals": normals, "lane": lane, "scene": scene}
    return {f"label.{name}": torch.from_numpy(value) for name, value in arrays.items()}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    p.add_argument("folder", type=pathlib.Path)
    p.add_argument("--backbone", default="resnet18")
    p.add_argument("--width", type=int, default=64)
    p.add_argument("--channels", type=int, default=128)
    p.add_argument("--size", type=int, nargs=2, default=(256, 256), metavar=("HEIGHT", "WIDTH"))
    p.add_argument("--batch", type=int, default=4)
    p.add_argument("--segmentation-classes", type=int, default=6)
    p.add_argument("--detection-classes", type=int, default=5)
    p.add_argument("--further", action="store_true", help="heads and labels of further tasks")
    p.add_argument("--bias", type=float, default=3.0, help="shift of normalised activations")
    p.add_argument("--seed", type=int, default=0)
    o = p.parse_args()
    network = Network(
        o.backbone,
        o.segmentation_classes,
        o.detection_classes,
        o.width,
        o.channels,
        further=FURTHER if o.further else (),
    )
    o.folder.mkdir(parents=True, exist_ok=True)
    weights = make_weights(network, o.seed, o.bias)
    batch = make_batch(
        o.seed + 1, o.batch, *o.size, o.segmentation_classes, o.detection_classes
    )
    if o.further:
        batch |= make_further_labels(o.seed + 2, batch["image"].numpy())
    save_file({k: v.contiguous() for k, v in weights.items()}, o.folder / "W.safetensors")
    save_file(batch, o.folder / "B.safetensors")


if __name__ == "__main__":
    main()
