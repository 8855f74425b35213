"""Holds what `athanor step` wrote against PyTorch, in f32 and f64.

Every gradient and output is compared by norm-wise relative error |a - b| / |b| against the f64
twin; the f32 twin's own error stands beside it as the noise to expect. A gradient that cancels to
nothing in exact arithmetic has no relative error of its own: |b| counts as at least FLOOR times the
largest gradient's norm. Exit 1 where a tensor or a loss is missing, has another shape, or is off by
more than the tolerance.
"""

import argparse
import json
import pathlib
import sys

import torch
from safetensors.torch import load_file

import losses as L
from network import Network

FLOOR = 1e-6


def run(state, batch, dtype, options):
    network = Network.of_checkpoint(state).to(dtype).train()
    batch = {k: v.to(dtype) if k in ("image", "boxes") else v for k, v in batch.items()}
    values, outputs = L.all_losses(
        network,
        batch,
        options.segmentation,
        options.box,
        dict(options.weights),
        options.depth,
        options.lane,
    )
    values["total"].backward()
    zero = lambda p: torch.zeros_like(p)
    tensors = {n: p.grad if p.grad is not None else zero(p) for n, p in network.named_parameters()}
    tensors |= {n: v.detach().contiguous() for n, v in outputs.items()}
    return {n: float(v.detach()) for n, v in values.items()}, tensors


def relative(a, b, floor=0.0):
    """|a - b| / max(|b|, floor) in f64; |a| where that is zero; infinite where a is not finite."""
    a, b = a.double(), b.double()
    error, norm = (a - b).norm().item(), max(b.norm().item(), floor)
    if error != error:
        return float("inf")
    return error / norm if norm > 0 else error


def weight(text):
    name, value = text.split("=")
    return name, float(value)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    p.add_argument("folder", type=pathlib.Path, help="holds W, B and G.safetensors and step.json")
    p.add_argument("--tolerance", type=float, default=1e-3)
    p.add_argument("--segmentation", default="cross_entropy", choices=L.SEGMENTATION)
    p.add_argument("--box", default="giou", choices=L.BOX)
    p.add_argument("--depth", default="l1", choices=L.DEPTH)
    p.add_argument("--lane", default="focal", choices=L.SEGMENTATION)
    p.add_argument(
        "--weights", type=weight, nargs="*", default=[], metavar="TASK=WEIGHT", help="1 by default"
    )
    p.add_argument("--show", type=int, default=8, help="how many of the worst tensors to list")
    p.add_argument("--write", action="store_true", help="write the f32 twin's G and step.json instead")
    o = p.parse_args()
    state = load_file(o.folder / "W.safetensors")
    batch = load_file(o.folder / "B.safetensors")
    losses32, tensors32 = run(state, batch, torch.float32, o)
    if o.write:
        from safetensors.torch import save_file

        save_file(tensors32, o.folder / "G.safetensors")
        (o.folder / "step.json").write_text(json.dumps(losses32))
        return
    losses64, tensors64 = run(state, batch, torch.float64, o)
    given = load_file(o.folder / "G.safetensors")
    report = json.loads((o.folder / "step.json").read_text())

    failures = []
    for name in sorted(set(tensors64) - set(given)):
        failures.append(f"{name}: missing")
    for name in sorted(set(given) - set(tensors64)):
        failures.append(f"{name}: not in the reference network")
    rows = []
    gradients = [t.double().norm().item() for n, t in tensors64.items() if not n.startswith("out.")]
    floor = FLOOR * max(gradients)
    for name in sorted(set(given) & set(tensors64)):
        if given[name].shape != tensors64[name].shape:
            shapes = tuple(tensors64[name].shape), tuple(given[name].shape)
            failures.append(f"{name}: shape {shapes[1]}, expected {shapes[0]}")
            continue
        rows.append(
            (
                relative(given[name], tensors64[name], floor),
                relative(tensors32[name], tensors64[name], floor),
                name,
            )
        )
    rows.sort(reverse=True)
    failures += [f"{n}: error {e:.2e}" for e, _, n in rows if not e <= o.tolerance]
    print("loss                        athanor       torch f64     error    torch f32's")
    for name, value in losses64.items():
        if name not in report:
            failures.append(f"loss {name}: missing")
            continue
        error = relative(torch.tensor(float(report[name])), torch.tensor(value))
        own = relative(torch.tensor(losses32[name]), torch.tensor(value))
        print(f"{name:24} {report[name]:14.7f} {value:14.7f}  {error:9.2e}  {own:9.2e}")
        if not error <= o.tolerance:
            failures.append(f"loss {name}: error {error:.2e}")
    print(f"\n{len(rows)} tensors against f64, worst first     error    torch f32's")
    for error, own, name in rows[: o.show]:
        print(f"{name:44} {error:9.2e}  {own:9.2e}")
    if rows:
        middle = rows[len(rows) // 2]
        print(f"{'median':44} {middle[0]:9.2e}")
    for line in failures[:50]:
        print(f"FAIL {line}")
    print("FAILED" if failures else f"agrees to {o.tolerance:.2g}")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
