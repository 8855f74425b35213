#!/usr/bin/env python3
"""Holds recompute.py against LibMTL's weighting classes over the same recorded training.

    check_libmtl.py [FIXTURE.safetensors]…

Losses are linear functions whose value and gradient at θ = 0 are the recorded ones. A line a method:
the largest difference of W and M, relative to the largest number of the step, and where LibMTL's rule
is another one, why. Exit status 1 where a difference is above the method's bound. Needs torch,
safetensors, scipy and LibMTL; classes that the installed LibMTL lacks are named and skipped (PyPI's
1.1.5 has twelve, its repository more: put a checkout on PYTHONPATH).
"""

import importlib
import importlib.util
import pathlib
import random
import sys
import types
import warnings

import numpy as np
import torch
from safetensors.numpy import load_file

import recompute

FIXTURES = pathlib.Path(__file__).parent / "fixtures"


def open_libmtl():
    """Makes LibMTL's weighting modules importable without its package, which imports torchvision."""
    place = importlib.util.find_spec("LibMTL").submodule_search_locations[0]
    for name, path in (("LibMTL", place), ("LibMTL.weighting", f"{place}/weighting")):
        sys.modules[name] = types.ModuleType(name)
        sys.modules[name].__path__ = [path]


def mock(base, case):
    """A model whose shared parameters are one vector."""

    class Mock(base):
        def __init__(self):
            super().__init__()
            self.task_num = case["losses"].shape[1]
            self.task_name = [str(i) for i in range(self.task_num)]
            self.device, self.rep_grad, self.epoch = torch.device("cpu"), False, 0
            self.theta = torch.nn.Parameter(torch.zeros(case["gradients"].shape[-1]))
            self.theta.grad = torch.zeros_like(self.theta)
            self.init_param()

        def get_share_params(self):
            return [self.theta]

        def zero_grad_share_params(self):
            self.theta.grad.zero_()

        def forward(self, losses, gradients):
            return torch.tensor(losses) + torch.tensor(gradients) @ self.theta

    return Mock()


class Fixed:
    """In place of a random distribution: what was recorded."""

    def sample(self):
        return self.value


def shuffled(order):
    """random.shuffle that puts a list into a recorded order."""

    def shuffle(tasks):
        tasks[:] = [j for j in order.pop(0) if j in tasks]

    return shuffle


def replay(base, case, options):
    """W and M as LibMTL gives them, learned scalars moved by Adam(lr .025)."""
    steps = len(case["losses"])
    per_epoch = int(case["stepsPerEpoch"].item())
    model = mock(base, case)
    means = case["losses"].reshape(-1, per_epoch, model.task_num).mean(1)
    model.train_loss_buffer = means.T
    model.distribution = Fixed()
    learned = [p for n, p in model.named_parameters() if n == "loss_scale"]
    adam = torch.optim.Adam(learned, lr=0.025) if learned else None
    w, m = np.full(case["losses"].shape, np.nan), np.zeros((steps, model.theta.numel()))
    for t in range(steps):
        model.epoch = t // per_epoch
        model.distribution.value = torch.tensor(case["normals"][t])
        random.shuffle = shuffled(case["orders"][t].astype(int).tolist())
        model.theta.grad = torch.zeros_like(model.theta)
        if adam:
            adam.zero_grad()
        weights = model.backward(model(case["losses"][t], case["gradients"][t]), **options)
        if adam and learned[0].grad is not None:
            adam.step()
        w[t], m[t] = np.nan if weights is None else weights, model.theta.grad.numpy()
    return w, m


def replay_features(base, case, options):
    """GradDrop: M on the features, LibMTL's `rep`."""
    m = np.zeros_like(case["features"])
    for t, features in enumerate(case["features"]):
        model = mock(base, case)
        model.rep_grad = True
        model.rep = torch.tensor(features, requires_grad=True)
        model.rep_tasks = {n: model.rep.detach().clone().requires_grad_() for n in model.task_name}
        torch.rand_like = lambda _: torch.tensor(case["uniforms"][t])
        parts = zip(torch.tensor(case["featureGradients"][t]), model.rep_tasks.values())
        model.backward([(g * z).sum() for g, z in parts], **options)
        m[t] = model.rep.grad.numpy()
    return np.full(case["losses"].shape, np.nan), m


class GradVacOnConflict(recompute.GradVac):
    """LibMTL's GradVac: ρ̂ moves only where ρ < ρ̂."""

    def push(self, i, j, own, other):
        before = self.goal[i, j]
        push = super().push(i, j, own, other)
        if push == 0:
            self.goal[i, j] = before
        return push


recompute.METHODS["gradvac on conflict"] = GradVacOnConflict

# Ours; LibMTL's module and options; bounds of W and M (None: not compared); what differs and why.
METHODS = [
    ("fixed", "EW", {}, 1e-9, 1e-9, ""),
    ("uncertainty;form=libmtl;bound=none", "UW", {}, 1e-9, 1e-9, ""),
    ("dwa", "DWA", {"T": 2.0}, 1e-9, 1e-9, ""),
    ("rlw", "RLW", {"dist": "Normal"}, 1e-9, 1e-9, ""),
    ("gls", "GLS", {}, None, 1e-9, "W: logs L/(T·ΠL) in place of (ΠL)^(1/T)/(T·L)"),
    ("gradnorm", "GradNorm", {"alpha": 1.5}, 1e-9, 1e-9, ""),
    ("mgda", "MGDA", {"mgda_gn": "none"}, None, None, "T>2: stops early, its M is longer"),
    ("mgda;normalization=l2", "MGDA", {"mgda_gn": "l2"}, None, None,
     "T>2: stops early; M: merges normalised gradients"),
    ("pcgrad", "PCGrad", {}, 1e-6, 1e-6, "no 1e-8"),
    ("gradvac", "GradVac", {"beta": 0.5}, None, None, "ρ̂ moves only where ρ < ρ̂"),
    ("gradvac on conflict", "GradVac", {"beta": 0.5}, 1e-6, 1e-6, "no 1e-8"),
    ("graddrop", "GradDrop", {"leak": 0.0}, None, 1e-9, ""),
    ("graddrop;leak=0.3", "GradDrop", {"leak": 0.3}, None, 1e-9, ""),
    ("cagrad", "CAGrad", {"calpha": 0.5, "rescale": 1}, None, 1e-2,
     "three tasks only; SLSQP to 1e-6; W: w in place of the merged coefficients"),
    ("imtl", "IMTL", {}, None, 1e-9, "W: α without e^s"),
    ("db_mtl", "DB_MTL", {"DB_beta": 0.9, "DB_beta_sigma": 0}, None, 1e-9, ""),
    ("moco", "MoCo", {"MoCo_beta": 0.5, "MoCo_beta_sigma": 0.5, "MoCo_gamma": 0.1,
                      "MoCo_gamma_sigma": 0.5, "MoCo_rho": 0}, None, 1e-9, "W: λ, which weights y"),
]


def difference(ours, theirs):
    """The largest difference, relative to the largest number of its step; NaN where nothing is said."""
    ours, theirs = ours.reshape(len(ours), -1), theirs.reshape(len(theirs), -1)
    return (np.abs(ours - theirs) / np.abs(ours).max(1, keepdims=True)).max()


def main():
    warnings.simplefilter("ignore")
    open_libmtl()
    torch.set_default_dtype(torch.float64)
    paths = sys.argv[1:] or sorted(FIXTURES.glob("tasks*.safetensors"))
    failed = False
    for path in paths:
        case = load_file(path)
        tasks = case["losses"].shape[1]
        print(f"{path}: {tasks} tasks")
        for words, module, options, w_bound, m_bound, why in METHODS:
            try:
                base = getattr(importlib.import_module(f"LibMTL.weighting.{module}"), module)
            except ModuleNotFoundError:
                print(f"  {words:36} not in this LibMTL")
                continue
            if module == "CAGrad" and tasks != 3:
                continue
            name, ours_options = recompute.parse(words)
            run = replay_features if module == "GradDrop" else replay
            ours = recompute.replay(name, case, **ours_options)
            theirs = run(base, case, options)
            w, m = (difference(*pair) for pair in zip(ours, theirs))
            above = [d > bound for d, bound in ((w, w_bound), (m, m_bound)) if bound is not None]
            if words == "mgda":
                lengths = [np.linalg.norm(x, axis=1) for x in (ours[1], theirs[1])]
                above.append((lengths[0] > lengths[1] * (1 + 1e-9)).any())
                above.append(tasks == 2 and w > 1e-9)
            failed |= any(above)
            print(f"  {words:36} W {w:8.1e}  M {m:8.1e}  {'ABOVE  ' * any(above)}{why}")
    sys.exit(int(failed))


if __name__ == "__main__":
    main()
