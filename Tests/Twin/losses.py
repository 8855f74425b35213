"""Targets and losses of the reference network, in PyTorch."""

import torch
import torch.nn.functional as F

from network import DETECTION_STRIDES

IGNORE = 255
RANGES = ((0.0, 64.0), (64.0, 128.0), (128.0, float("inf")))
EPSILON = 1e-7


# Segmentation: logits [N,C,H,W], target [N,H,W] int64 with 255 to ignore.


def cross_entropy(logits, target):
    valid = (target != IGNORE).sum()
    total = F.cross_entropy(logits, target, ignore_index=IGNORE, reduction="sum")
    return total / valid.clamp(min=1)


def focal(logits, target, gamma=2.0):
    ce = F.cross_entropy(logits, target, ignore_index=IGNORE, reduction="none")
    value = (1 - torch.exp(-ce)) ** gamma * ce
    valid = target != IGNORE
    return value[valid].sum() / valid.sum().clamp(min=1)


def dice(logits, target):
    classes = logits.shape[1]
    valid = (target != IGNORE).unsqueeze(1)
    p = logits.softmax(1) * valid
    g = F.one_hot(target.clamp(max=classes - 1), classes).movedim(-1, 1).to(p.dtype) * valid
    sums = lambda x: x.sum((0, 2, 3))
    score = 2 * sums(p * g) / (sums(p) + sums(g)).clamp(min=EPSILON)
    return torch.where(sums(g) > 0, 1 - score, torch.zeros_like(score)).mean()


SEGMENTATION = {"cross_entropy": cross_entropy, "focal": focal, "dice": dice}


# Depth: prediction and target [N,H,W], valid where the target is finite and above 0.


def depth_loss(name, prediction, target):
    valid = torch.isfinite(target) & (target > 0)
    if not valid.any():
        return prediction.sum() * 0
    p, y = prediction[valid], target[valid]
    error = (p - y).abs()
    if name == "l1":
        return F.l1_loss(p, y)
    if name == "l2":
        return F.mse_loss(p, y)
    if name == "smooth_l1":
        return F.smooth_l1_loss(p, y, beta=1.0)
    if name == "berhu":  # Laina et al. 2016
        c = 0.2 * error.max().detach()
        return torch.where(error <= c, error, (error**2 + c**2) / (2 * c)).mean()
    if name == "scale_invariant_log":  # Eigen et al. 2014
        d = p.clamp(min=1e-6).log() - y.log()
        return (d**2).mean() - 0.5 * d.mean() ** 2
    raise ValueError(name)


DEPTH = ("l1", "l2", "smooth_l1", "berhu", "scale_invariant_log")


def normals_loss(prediction, target):
    """[N,3,H,W] and [N,H,W,3], valid where the target has a length."""
    valid = target.norm(dim=-1) > 0
    if not valid.any():
        return prediction.sum() * 0
    return 1 - (F.normalize(prediction, dim=1).movedim(1, -1) * target).sum(-1)[valid].mean()


def image_loss(logits, labels):
    """[N,C] and [N], -1 for an image without a class."""
    if not (labels >= 0).any():
        return logits.sum() * 0
    return F.cross_entropy(logits, labels, ignore_index=-1)


# Boxes: prediction and target [M,4] as x1, y1, x2, y2; one value a box.


def _overlap(p, t):
    left_top, right_bottom = torch.maximum(p[:, :2], t[:, :2]), torch.minimum(p[:, 2:], t[:, 2:])
    intersection = (right_bottom - left_top).clamp(min=0).prod(1)
    area = lambda b: (b[:, 2:] - b[:, :2]).prod(1)
    return intersection, area(p) + area(t) - intersection


def giou(p, t):
    intersection, union = _overlap(p, t)
    hull = (torch.maximum(p[:, 2:], t[:, 2:]) - torch.minimum(p[:, :2], t[:, :2])).prod(1)
    return 1 - (intersection / (union + EPSILON) - (hull - union) / (hull + EPSILON))


def iou(p, t):
    intersection, union = _overlap(p, t)
    return -torch.log((intersection / (union + EPSILON)).clamp(min=EPSILON))


def smooth_l1(p, t):
    return F.smooth_l1_loss(p, t, reduction="none", beta=1.0).sum(1)


BOX = {"giou": giou, "iou": iou, "smooth_l1": smooth_l1}


# Detection


def sigmoid_focal(logits, target, alpha=0.25, gamma=2.0):
    """Per element, Lin et al. 2017."""
    ce = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
    p = logits.sigmoid()
    p_t = p * target + (1 - p) * (1 - target)
    alpha_t = alpha * target + (1 - alpha) * (1 - target)
    return alpha_t * (1 - p_t) ** gamma * ce


def points(height, width, stride, dtype):
    """Cell (i, j) of stride s stands at x = (j + 1/2)s, y = (i + 1/2)s. [h*w, 2] as x, y."""
    y = (torch.arange(height, dtype=dtype) + 0.5) * stride
    x = (torch.arange(width, dtype=dtype) + 0.5) * stride
    return torch.stack((x.repeat(height), y.repeat_interleave(width)), 1)


def assign(place, boxes, stride, bounds):
    """Which box each point must predict, -1 for none, and its (l, t, r, b). place [P,2], boxes [M,4]."""
    if len(boxes) == 0:
        return torch.full((len(place),), -1), place.new_zeros(len(place), 4)
    reach = torch.cat((place[:, None] - boxes[None, :, :2], boxes[None, :, 2:] - place[:, None]), 2)
    centre = (boxes[:, :2] + boxes[:, 2:]) / 2
    near = ((place[:, None] - centre[None]).abs() < 1.5 * stride).all(2)
    far = reach.amax(2)
    candidate = (reach.amin(2) > 0) & near & (far >= bounds[0]) & (far <= bounds[1])
    area = (boxes[:, 2:] - boxes[:, :2]).prod(1).expand(len(place), -1)
    area = torch.where(candidate, area, area.new_full((), float("inf")))
    smallest = area.amin(1, keepdim=True)
    order = torch.arange(len(boxes)).expand_as(area)  # ties go to the lowest index
    index = torch.where(area == smallest, order, len(boxes)).amin(1)
    index = torch.where(candidate.any(1), index, -1)
    return index, reach[torch.arange(len(place)), index.clamp(min=0)]


def detection_losses(outputs, scales, boxes, classes, has_boxes, box_loss="giou"):
    """outputs: per level cls [N,K,h,w], box [N,4,h,w], ctr [N,1,h,w]; boxes [M,5] with image index."""
    cls_sum = box_sum = ctr_sum = outputs[0]["cls"].sum() * 0
    positives = 0
    for level, stride, scale, bounds in zip(outputs, DETECTION_STRIDES, scales, RANGES):
        n, k, h, w = level["cls"].shape
        place = points(h, w, stride, level["cls"].dtype)
        rows = lambda x: x.permute(0, 2, 3, 1).reshape(n, h * w, -1)
        cls, raw, ctr = rows(level["cls"]), rows(level["box"]), rows(level["ctr"])[..., 0]
        for image in range(n):
            if not has_boxes[image]:
                continue
            mine = boxes[:, 0] == image
            index, reach = assign(place, boxes[mine, 1:], stride, bounds)
            hit = index >= 0
            positives += int(hit.sum())
            target = torch.zeros_like(cls[image])
            target[hit, classes[mine][index[hit]]] = 1
            cls_sum = cls_sum + sigmoid_focal(cls[image], target).sum()
            if not hit.any():
                continue
            reach = reach[hit]
            predicted = torch.exp(scale * raw[image, hit]) * stride
            corners = lambda d: torch.cat((place[hit] - d[:, :2], place[hit] + d[:, 2:]), 1)
            box_sum = box_sum + BOX[box_loss](corners(predicted), corners(reach)).sum()
            ratio = lambda a, b: torch.minimum(a, b) / torch.maximum(a, b)
            centerness = ratio(reach[:, 0], reach[:, 2]) * ratio(reach[:, 1], reach[:, 3])
            ctr_sum = ctr_sum + F.binary_cross_entropy_with_logits(
                ctr[image, hit], centerness.sqrt(), reduction="sum"
            )
    count = max(1, positives)
    return {
        "detection.cls": cls_sum / count,
        "detection.box": box_sum / count,
        "detection.centerness": ctr_sum / count,
    }, positives


def all_losses(
    network, batch, segmentation="cross_entropy", box="giou", weights=None, depth="l1", lane="focal"
):
    """Losses by the names `athanor step --json` uses, and the raw outputs. batch: as in the files."""
    image = batch["image"].permute(0, 3, 1, 2)
    logits, levels, further = network(image)
    mask = batch["mask"].long()
    has_boxes = batch.get("has_boxes", torch.ones(len(image), dtype=torch.uint8))
    losses, _ = detection_losses(
        levels,
        network.detection.regression_head.scales,
        batch["boxes"].to(image.dtype),
        batch["classes"].long(),
        has_boxes,
        box,
    )
    losses["detection"] = sum(losses.values())
    losses["segmentation"] = SEGMENTATION[segmentation](logits, mask)
    label = lambda name: batch[f"label.{name}"]
    for name, output in further.items():
        if name == "depth":
            losses[name] = depth_loss(depth, output[:, 0], label(name).to(image.dtype))
        elif name == "normals":
            losses[name] = normals_loss(output, label(name).to(image.dtype))
        elif name == "lane":
            losses[name] = SEGMENTATION[lane](output, label(name).long())
        else:
            losses[name] = image_loss(output, label(name).long())
    tasks = ["segmentation", "detection", *further]
    losses["total"] = sum((weights or {}).get(name, 1.0) * losses[name] for name in tasks)
    outputs = {"out.segmentation": logits.permute(0, 2, 3, 1)}
    for i, level in enumerate(levels):
        for name, value in level.items():
            outputs[f"out.p{i + 3}.{name}"] = value.permute(0, 2, 3, 1)
    for name, value in further.items():
        outputs[f"out.{name}"] = value.permute(0, 2, 3, 1) if value.dim() == 4 else value
    return losses, outputs
