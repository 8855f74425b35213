#!/usr/bin/env python3
"""Writes `fixtures/`: recorded training and what every method makes of it, by recompute.py.

tasksT.safetensors      14 steps of T tasks, two steps an epoch; METHOD[;option=value]….W, and .M
                        where it is not Σ Wᵢgᵢ
partialT.safetensors    the same with absent tasks: loss NaN, and a gradient that must not count
gram.safetensors        random gradients for T = 2…8 and the exact weights of METHOD: T.METHOD.W
degenerate.safetensors  parallel, opposite, zero, dependent gradients: NAME, NAME.METHOD.M, where defined
"""

import pathlib

import numpy as np
from safetensors.numpy import save_file

import recompute
import solvers

FIXTURES = pathlib.Path(__file__).parent / "fixtures"
STEPS, PARAMETERS, BATCH, CHANNELS = 14, 11, 3, 4
OPTIONS = {
    "uncertainty": [f"form={f};bound={b}" for f in ("kendall", "libmtl", "exp", "liebel")
                    for b in ("tanh", "none")],
    "mgda": [f"normalization={n}" for n in ("none", "l2", "loss", "loss+")],
    "fairgrad": ["", "alpha=2", "alpha=0.5"],
    "cagrad": ["", "c=0.2"],
    "graddrop": ["", "leak=0.3"],
    "db_mtl": ["", "beta_sigma=0.5"],
}
METHODS = [";".join(filter(None, (name, options))) for name in recompute.METHODS
           for options in OPTIONS.get(name, [""])]
# Absent tasks by step. Each is present at least once in an epoch of two steps.
ABSENT = {
    2: {1: [1], 4: [0], 7: [1], 10: [0], 13: [1]},
    3: {1: [1], 2: [0, 2], 5: [0, 1, 2], 6: [2], 9: [0], 11: [1, 2], 12: [0]},
    5: {1: [1, 4], 2: [0], 5: [0, 1, 2, 3], 7: [0, 1, 2, 3, 4], 8: [3], 10: [0, 2, 4], 12: [1]},
}


def recording(tasks, seed, absent):
    r = np.random.default_rng(seed)
    scale = np.array([1, 8, 0.2, 3, 0.5])[:tasks]
    losses = scale * np.exp(r.normal(0, 0.15, (STEPS, tasks)) - 0.08 * np.arange(STEPS)[:, None])
    common = r.normal(size=PARAMETERS) * (-1) ** np.arange(tasks)[:, None]

    def gradients(*shape):
        return scale[:, None] * (common + r.normal(size=(*shape, tasks, PARAMETERS)))

    case = {
        "losses": losses,
        "after": losses * np.exp(r.normal(-0.05, 0.05, losses.shape)),
        "gradients": gradients(STEPS),
        "triples": gradients(STEPS, 3),
        "normals": r.normal(size=(STEPS, tasks)),
        "orders": np.argsort(r.random((STEPS, tasks, tasks)), axis=2).astype(float),
        "features": r.normal(size=(STEPS, BATCH, CHANNELS)),
        "featureGradients": r.normal(size=(STEPS, tasks, BATCH, CHANNELS)),
        "uniforms": r.random((STEPS, CHANNELS)),
        "stepsPerEpoch": np.array([2.0]),
    }
    for step, missing in absent.items():
        case["losses"][step, missing] = case["after"][step, missing] = np.nan
    return case


def recorded(tasks, seed, absent):
    case = recording(tasks, seed, absent)
    results = {}
    for words in METHODS:
        name, options = recompute.parse(words)
        w, m = recompute.replay(name, case, **options)
        results[words + ".W"] = w
        if np.isnan(w).any():
            results[words + ".M"] = m
    return case | results


def exact(gram):
    """The weights of the methods that solve a problem, None where it has no solution."""
    nash = solvers.power_balance(gram, 1)
    return {
        "mgda": recompute.mgda(gram),
        "cagrad": recompute.cagrad(gram),
        "cagrad;c=0.2": recompute.cagrad(gram, 0.2),
        "nash_mtl": None if nash is None else nash * min(1, 1 / np.sqrt(nash @ gram @ nash)),
        "fairgrad": nash,
        "fairgrad;alpha=2": solvers.power_balance(gram, 2),
        "fairgrad;alpha=0.5": solvers.power_balance(gram, 0.5),
        "upgrad": recompute.upgrad(gram),
        "aligned_mtl": recompute.aligned_mtl(gram) if gram.any() else None,
    }


def grams(each=5):
    result = {}
    for tasks in range(2, 9):
        r = np.random.default_rng(tasks)
        kinds = r.normal(size=(each, 1, tasks + 3)) * np.array([0, 0.3, 1, 2, -1])[:each, None, None]
        g = (r.normal(size=(each, tasks, tasks + 3)) + kinds) * 10 ** r.uniform(-1, 1, (each, tasks, 1))
        result[f"{tasks}"] = g
        for method in exact(g[0] @ g[0].T):
            result[f"{tasks}.{method}.W"] = np.stack([exact(x @ x.T)[method] for x in g])
    return result


DEGENERATE = {
    "equal": [[1, 2, 0], [1, 2, 0]],
    "parallel": [[1, 2, 0], [3, 6, 0]],
    "opposite": [[1, 2, 0], [-1, -2, 0]],
    "opposite_scaled": [[1, 2, 0], [-2, -4, 0]],
    "zero": [[1, 2, 0], [0, 0, 0]],
    "all_zero": [[0, 0, 0], [0, 0, 0]],
    "orthogonal": [[1, 0, 0], [0, 1, 0]],
    "orthogonal_scaled": [[1, 0, 0], [0, 100, 0]],
    "dependent": [[1, 0, 0], [0, 1, 0], [1, 1, 0]],
    "surrounding": [[1, 0, 0], [-1, 2, 0], [-1, -2, 0]],
    "three_equal": [[1, 2, 3], [1, 2, 3], [1, 2, 3]],
    "three_with_zero": [[1, 2, 0], [0, 0, 0], [-1, 1, 1]],
}


def degenerate():
    """M only: weights need not be unique."""
    result = {}
    for name, rows in DEGENERATE.items():
        g = np.array(rows, float)
        result[name] = g
        for method, weights in exact(g @ g.T).items():
            if weights is not None:
                result[f"{name}.{method}.M"] = weights @ g
    return result


def main():
    FIXTURES.mkdir(exist_ok=True)
    files = {"gram": grams(), "degenerate": degenerate()}
    for tasks, absent in ABSENT.items():
        files[f"tasks{tasks}"] = recorded(tasks, tasks, {})
        files[f"partial{tasks}"] = recorded(tasks, 10 + tasks, absent)
    for name, tensors in files.items():
        tensors = {k: np.ascontiguousarray(v, np.float64) for k, v in tensors.items()}
        save_file(tensors, FIXTURES / f"{name}.safetensors")


if __name__ == "__main__":
    main()
