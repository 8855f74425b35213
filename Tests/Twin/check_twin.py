"""Checks the twin itself against torchvision and against plain loops.

With a checkpoint as argument: its `backbone.*` must load into torchvision's resnet with
strict=True but for `fc`.
"""

import sys

import torch
from safetensors.torch import load_file

import torchvision_without_ops  # noqa: F401
import torchvision

import losses as L
from network import BLOCKS, FPN, Network
from make_fixture import make_batch, make_weights


def close(what, a, b, tolerance=1e-5):
    error = (a - b).abs().max().item() / max(1e-12, b.abs().max().item())
    assert error <= tolerance, f"{what}: {error:.2e}"
    print(f"ok  {what}")


def load_into_torchvision(state, name="resnet18"):
    """strict=True apart from `fc`."""
    model = getattr(torchvision.models, name)(weights=None)
    ours = {k[len("backbone.") :]: v for k, v in state.items() if k.startswith("backbone.")}
    head = {k: v for k, v in model.state_dict().items() if k.startswith("fc.")}
    model.load_state_dict(ours | head, strict=True)
    return model


def check_backbones():
    image = torch.randn(2, 3, 64, 96)
    for name in ("resnet18", "resnet34", "resnet50"):
        network = Network(name)
        network.load_state_dict(make_weights(network, 3))
        model = load_into_torchvision(network.state_dict(), name)
        features = {}
        for i in range(1, 5):
            getattr(model, f"layer{i}").register_forward_hook(
                lambda _m, _i, out, i=i: features.__setitem__(i, out)
            )
        with torch.no_grad():
            model.eval()(image)
            for i, x in enumerate(network.eval().backbone(image)):
                close(f"{name} stage {i + 1}", x, features[i + 1])
    assert len(list(Network("resnet10").backbone.parameters())) == 36


def check_pyramid():
    ours = FPN([8, 16, 32, 64], 12)
    theirs = torchvision.ops.FeaturePyramidNetwork([8, 16, 32, 64], 12)
    theirs.load_state_dict(ours.state_dict(), strict=True)
    x = [torch.randn(2, 8 << i, 32 >> i, 48 >> i) for i in range(4)]
    for i, (a, b) in enumerate(zip(ours(x), theirs({str(i): v for i, v in enumerate(x)}).values())):
        close(f"FPN level {i}", a, b)


def random_boxes(n, size=200):
    a = torch.rand(n, 2, dtype=torch.float64) * size
    return torch.cat((a, a + 1 + torch.rand(n, 2, dtype=torch.float64) * size), 1)


def check_losses():
    logits, target = torch.randn(50, 7), (torch.rand(50, 7) < 0.1).float()
    close(
        "sigmoid focal",
        L.sigmoid_focal(logits, target),
        torchvision.ops.sigmoid_focal_loss(logits, target, 0.25, 2.0),
    )
    p, t = random_boxes(200), random_boxes(200)
    close("giou", L.giou(p, t), torchvision.ops.generalized_box_iou_loss(p, t))
    iou = torchvision.ops.box_iou(p, t).diagonal()
    close("iou", L.iou(p, t), -iou.clamp(min=1e-7).log())
    seg, mask = torch.randn(2, 5, 9, 7), torch.randint(0, 5, (2, 9, 7))
    mask[0, :3] = 255
    close(
        "cross entropy",
        L.cross_entropy(seg, mask),
        torch.nn.functional.cross_entropy(seg, mask, ignore_index=255),
    )
    close("focal with gamma 0", L.focal(seg, mask, 0.0), L.cross_entropy(seg, mask))
    assert L.cross_entropy(seg, torch.full_like(mask, 255)) == 0


def check_assignment():
    """`assign` against the rules said in loops, ties and touching borders included."""
    for trial in range(20):
        boxes = random_boxes(8, 120).round() if trial % 2 else random_boxes(8, 120)
        boxes[3] = boxes[5]
        for stride, bounds in zip(L.DETECTION_STRIDES, L.RANGES):
            place = L.points(256 // stride, 192 // stride, stride, torch.float64)
            index, reach = L.assign(place, boxes, stride, bounds)
            for (x, y), got, r in zip(place.tolist(), index.tolist(), reach.tolist()):
                best, smallest = -1, float("inf")
                for j, (x1, y1, x2, y2) in enumerate(boxes.tolist()):
                    sides = (x - x1, y - y1, x2 - x, y2 - y)
                    near = max(abs(x - (x1 + x2) / 2), abs(y - (y1 + y2) / 2)) < 1.5 * stride
                    area = (x2 - x1) * (y2 - y1)
                    fits = bounds[0] <= max(sides) <= bounds[1]
                    if min(sides) > 0 and near and fits and area < smallest:
                        best, smallest, want = j, area, sides
                assert got == best, (trial, stride, x, y, got, best)
                assert best < 0 or tuple(r) == want
    print("ok  target assignment")


def check_partial_labels():
    """An image without any label changes no loss but through batch statistics: with eval-mode
    norms it changes nothing at all."""
    network = Network("resnet10", 4, 3, width=16, channels=32).eval()
    batch = make_batch(5, 2, 128, 96, 4, 3)
    batch["mask"][0] = 255
    batch["has_boxes"][0] = 0
    keep = batch["boxes"][:, 0] == 1
    alone = {k: v[1:] for k, v in batch.items() if k in ("image", "mask", "has_boxes")}
    alone["mask"] = batch["mask"][1:] = (batch["image"][1:, ..., 0] > 0).to(torch.uint8)
    alone["boxes"] = batch["boxes"][keep].clone()
    alone["boxes"][:, 0] = 0
    alone["classes"] = batch["classes"][keep]
    both, one = L.all_losses(network, batch)[0], L.all_losses(network, alone)[0]
    for name in both:
        close(f"partial labels, {name}", both[name].detach(), one[name].detach())


def main():
    torch.manual_seed(0)
    if len(sys.argv) > 1:
        for path in sys.argv[1:]:
            load_into_torchvision(load_file(path))
            print(f"ok  {path}: backbone loads into torchvision's resnet18, strict but for fc")
        return
    check_backbones()
    check_pyramid()
    check_losses()
    check_assignment()
    check_partial_labels()


if __name__ == "__main__":
    main()
