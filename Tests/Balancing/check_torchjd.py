#!/usr/bin/env python3
"""Holds recompute.py against TorchJD's aggregators and scalarizers over the same recorded training.

    check_torchjd.py [FIXTURE.safetensors]…

A line a method: the largest difference of W, relative to the largest weight of the step, and where
TorchJD's rule is another one, why. Exit status 1 where it is above the method's bound. Needs torch,
safetensors, and torchjd with scipy, quadprog, qpsolvers, cvxpy and ecos.
"""

import pathlib
import sys
import warnings

import numpy as np
import torch
from safetensors.numpy import load_file
from torchjd import aggregation as A
from torchjd import scalarization as S

import recompute

FIXTURES = pathlib.Path(__file__).parent / "fixtures"


def grams(case, one=0, two=0):
    """G Gᵀ of each step, or of two of its three batches."""
    g = case["triples"][:, [one, two]] if one != two else case["gradients"][:, None].repeat(2, 1)
    return torch.tensor(g[:, 0] @ g[:, 1].swapaxes(1, 2))


def by_gram(make, factor=lambda tasks: 1):
    """`factor` takes a difference of scale out, so that the rest must agree."""

    def replay(case):
        weighting, scale = make().gramian_weighting, factor(case["losses"].shape[1])
        return scale * np.stack([weighting(gram).numpy() for gram in grams(case)])

    return replay


def by_matrix(make, factor=lambda tasks: 1):
    def replay(case):
        tasks = case["losses"].shape[1]
        weighting = make(tasks).weighting
        return factor(tasks) * np.stack(
            [weighting(torch.tensor(g)).numpy() for g in case["gradients"]])

    return replay


def nash(case):
    """NaN where its iteration gave up: where w⊙Gw is not the same for every task."""
    w = by_matrix(lambda n: A.NashMTL(n, 1.0, 1, 20))(case)
    share = w * np.einsum("sij,sj->si", grams(case).numpy(), w)
    w[np.ptp(share, axis=1) > 1e-3 * share.mean(1)] = np.nan
    return w


def by_product(weighting, one, two):
    """Weightings of Gₐ G_bᵀ."""

    def replay(case):
        run = weighting()
        return np.stack([run(gram).numpy() for gram in grams(case, one, two)])

    return replay


def ordered(make):
    """Random orders in place of torch.randperm, which is asked once for each task in turn."""

    def replay(case):
        weighting, result = make().gramian_weighting, []
        for gram, orders in zip(grams(case), case["orders"].astype(int)):
            rows = iter(enumerate(orders.tolist()))

            def permutation(n):
                i, order = next(rows)
                if n < len(orders):  # places among the others
                    order = [j - (j > i) for j in order if j != i]
                return torch.tensor(order)

            torch.randperm = permutation
            result.append(weighting(gram).numpy())
        return np.stack(result)

    return replay


def by_losses(make, after_step=None):
    """The gradient of a scalarizer by the losses; learned scalars move by Adam(lr .025)."""

    def replay(case):
        scalarizer, result = make(case["losses"].shape[1]), []
        learned = list(scalarizer.parameters()) if after_step is None else []
        adam = torch.optim.Adam(learned, lr=0.025) if learned else None
        for t, losses in enumerate(case["losses"]):
            losses = torch.tensor(losses, requires_grad=True)
            if adam:
                adam.zero_grad()
            scalarizer(losses).backward()
            if adam:
                adam.step()
            if after_step:
                after_step(scalarizer, case, t)
            result.append(losses.grad.numpy())
        return np.stack(result)

    return replay


def end_of_epoch(scalarizer, case, t):
    if (t + 1) % int(case["stepsPerEpoch"].item()) == 0:
        scalarizer.step()


# Ours, TorchJD's, the bound of W, what differs and why.
METHODS = [
    ("dwa", by_losses(lambda n: S.DWA(), end_of_epoch), 1e-9, ""),
    ("gls", by_losses(lambda n: S.GeometricMean()), 1e-9, ""),
    ("imtl_l", by_losses(S.IMTLL), 1e-9, ""),
    ("famo", by_losses(S.FAMO, lambda s, c, t: s.update(torch.tensor(c["after"][t]))), 1e-9, ""),
    ("excess_mtl", by_matrix(lambda n: A.ExcessMTL(0.01, 1), lambda n: n), 1e-7,
     "w⁰ + 1e-7; sum 1 in place of T"),
    ("mgda;normalization=none", by_gram(lambda: A.MGDA(1e-12, 2000)), 1e-1,
     "Frank-Wolfe, which closes in slowly; T=2: no .999/.001"),
    ("pcgrad", ordered(A.PCGrad), 1e-6, "no 1e-8"),
    ("gradvac", ordered(A.GradVac), 1e-6, "1e-8 in the cosine"),
    ("cagrad", by_gram(lambda: A.CAGrad(0.5, 1e-10), lambda n: 1 / 1.25), 1e-3,
     "not divided by 1 + c²; no 1e-8; interior point to 1e-8"),
    ("imtl_g", by_gram(A.IMTLG), 1e-9, ""),
    ("nash_mtl", nash, 1e-3, "gives up on most steps, which are left out: an answer of before"),
    ("fairgrad", by_gram(lambda: A.FairGrad(1.0)), 1e-3, "least squares to 1e-8 of its cost"),
    ("fairgrad;alpha=2", by_gram(lambda: A.FairGrad(2.0)), 1e-3, "ibid."),
    ("aligned_mtl", by_gram(lambda: A.AlignedMTL(), lambda n: n), 1e-9, "mean in place of sum"),
    ("modo", by_product(lambda: A.MoDoWeighting(1e-3, 0.1), 0, 1), 1e-9, ""),
    ("sdmgrad", by_product(lambda: A.SDMGradWeighting(5.0, 0.5, 20, 0.3), 1, 2), 1e-9, ""),
    ("upgrad", by_gram(A.UPGrad), 1e-9, ""),
]


def main():
    warnings.simplefilter("ignore")
    torch.set_default_dtype(torch.float64)
    failed = False
    for path in sys.argv[1:] or sorted(FIXTURES.glob("tasks*.safetensors")):
        case = load_file(path)
        tasks = case["losses"].shape[1]
        print(f"{path}: {tasks} tasks")
        for words, replay, bound, why in METHODS:
            name, options = recompute.parse(words)
            ours = recompute.replay(name, case, **options)[0]
            theirs = replay(case)
            difference = np.nanmax(np.abs(ours - theirs) / np.abs(ours).max(1, keepdims=True))
            above = difference > bound
            failed |= above
            print(f"  {words:26} W {difference:8.1e}  {'ABOVE  ' if above else ''}{why}")
    sys.exit(int(failed))


if __name__ == "__main__":
    main()
