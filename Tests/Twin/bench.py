"""Times the twin's SGD step: resnet18, 256x256, batch 8, f32, channels-last, beside sgemm's peak."""

import argparse
import time

import torch

import losses as L
from make_fixture import make_batch
from network import Network


def best(f, repeat):
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        f()
        times.append(time.perf_counter() - start)
    return min(times), sorted(times)[len(times) // 2]


def gemm_flops(network, image):
    """Forward multiply-adds of the convolutions, times two."""
    total = [0]

    def count(m, _, out):
        k = m.weight.shape
        total[0] += 2 * out.numel() * k[1] * k[2] * k[3]

    hooks = [
        m.register_forward_hook(count)
        for m in network.modules()
        if isinstance(m, torch.nn.Conv2d)
    ]
    with torch.no_grad():
        network(image)
    for h in hooks:
        h.remove()
    return total[0]


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--backbone", default="resnet18")
    p.add_argument("--size", type=int, default=256)
    p.add_argument("--batch", type=int, default=8)
    p.add_argument("--classes", type=int, default=8)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--repeat", type=int, default=7)
    o = p.parse_args()
    torch.set_num_threads(o.threads)
    network = Network(o.backbone, o.classes, o.classes).to(memory_format=torch.channels_last)
    batch = make_batch(0, o.batch, o.size, o.size, o.classes, o.classes)
    batch["image"] = batch["image"].contiguous()
    optimizer = torch.optim.SGD(network.parameters(), lr=1e-4, momentum=0.9)
    flops = 3 * gemm_flops(network, batch["image"].permute(0, 3, 1, 2))
    phases = {"forward": [], "backward": [], "update": [], "step": []}
    for i in range(o.repeat + 2):
        marks = [time.perf_counter()]
        total = L.all_losses(network, batch)[0]["total"]
        marks.append(time.perf_counter())
        optimizer.zero_grad()
        total.backward()
        marks.append(time.perf_counter())
        optimizer.step()
        marks.append(time.perf_counter())
        if i >= 2:
            for name, a, b in zip(phases, marks, marks[1:]):
                phases[name].append(b - a)
            phases["step"].append(marks[-1] - marks[0])
    a, b = torch.randn(2048, 2048), torch.randn(2048, 2048)
    a @ b
    fastest, median = best(lambda: a @ b, 9)
    peak = 2 * 2048**3 / fastest / 1e9
    print(f"torch {torch.__version__}, {o.threads} threads, batch {o.batch}, {o.size}x{o.size}")
    print("             median ms   best ms")
    for name, times in phases.items():
        print(f"{name:10} {1e3 * sorted(times)[len(times) // 2]:11.0f} {1e3 * min(times):9.0f}")
    step = sorted(phases["step"])[len(phases["step"]) // 2]
    rate = flops / step / 1e9
    print(f"images/s {o.batch / step:.2f}   GFLOP/step {flops / 1e9:.0f}   GFLOP/s {rate:.0f}")
    print(
        f"sgemm 2048: best {peak:.0f}, median {2 * 2048**3 / median / 1e9:.0f} GFLOP/s"
        f"   share of best {100 * rate / peak:.0f} %"
    )


if __name__ == "__main__":
    main()
