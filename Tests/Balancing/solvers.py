"""Exact solutions of the small problems of gradient balancing.

T is small, so each optimum on a simplex or a box is found by trying every face: on each the
problem is an equality-constrained one with a closed form. `residual` functions say how far a point is
from the optimality conditions, so that the solvers themselves can be checked.
"""

from itertools import combinations

import numpy as np


def faces(n, smallest=1):
    return (list(s) for k in range(smallest, n + 1) for s in combinations(range(n), k))


def directions(n):
    """Orthonormal columns that span the vectors of sum 0."""
    return np.linalg.svd(np.ones((1, n)))[2][1:].T


def min_norm(gram):
    """w on the simplex that minimises w'Aw. Not unique where gradients are affinely dependent."""
    best = None
    for face in faces(len(gram)):
        a = gram[np.ix_(face, face)]
        k = len(face)
        w = np.full(k, 1 / k)
        if k > 1:
            n = directions(k)
            w = w - n @ np.linalg.lstsq(n.T @ a @ n, n.T @ a @ w, rcond=1e-14)[0]
        if w.min() < -1e-15:
            continue
        full = np.zeros(len(gram))
        full[face] = np.maximum(w, 0)
        value = full @ gram @ full
        if best is None or value < best[0] * (1 - 1e-13):
            best = value, full
    return best[1]


def min_norm_residual(gram, w):
    slope = gram @ w
    return max(abs(w.sum() - 1), -w.min(), (w @ slope - slope.min()) / gram.trace())


def cagrad_objective(gram, w, c):
    """w'A·1/T + c·√(w'Aw + 1e-8), and its slope."""
    b = gram.mean(1)
    root = np.sqrt(w @ gram @ w + 1e-8)
    return b @ w + c * root, b + c * (gram @ w) / root


def cagrad(gram, c):
    """w on the simplex that minimises w'b + c·√(w'Aw + ε), b = A·1/T, ε = 1e-8.

    On a face, w = w₀ + N t with N spanning sum 0. With u = c/√(w'Aw + ε), Q = N'AN, h = N'Aw₀,
    d = N'b: t = −Q⁻¹(h + d/u), w'Aw = w₀'Aw₀ − h'Q⁻¹h + d'Q⁻¹d/u², so
    u² = (c² − d'Q⁻¹d) / (ε + w₀'Aw₀ − h'Q⁻¹h).
    """
    best = None
    mean = gram.mean(1)
    for face in faces(len(gram)):
        a, b = gram[np.ix_(face, face)], mean[face]
        k = len(face)
        w = np.full(k, 1 / k)
        if k > 1:
            n = directions(k)
            q, h, d = n.T @ a @ n, n.T @ a @ w, n.T @ b
            if np.linalg.cond(q) > 1e12:
                continue  # a smaller face has the same optimum
            qh, qd = np.linalg.solve(q, h), np.linalg.solve(q, d)
            if c * c <= d @ qd:
                continue
            u = np.sqrt((c * c - d @ qd) / (1e-8 + max(0, w @ a @ w - h @ qh)))
            w = w - n @ (qh + qd / u)
        if w.min() < -1e-15:
            continue
        full = np.zeros(len(gram))
        full[face] = np.maximum(w, 0)
        value = cagrad_objective(gram, full, c)[0]
        if best is None or value < best[0] - 1e-14 * abs(best[0]):
            best = value, full
    return best[1]


def cagrad_residual(gram, w, c):
    slope = cagrad_objective(gram, w, c)[1]
    return max(abs(w.sum() - 1), -w.min(), (w @ slope - slope.min()) / gram.trace())


def power_balance(gram, alpha):
    """w > 0 with A w = w^(−1/α): the minimum of ½w'Aw + Σ φ(w), φ' = −w^(−1/α), by damped Newton.

    There is none where a combination with weights from 0, not all 0, gives no gradient (a zero
    gradient, two opposite ones): the value then sinks without end, and this returns None.
    """
    if min_norm(gram) @ gram @ min_norm(gram) <= 1e-14 * gram.trace():
        return None
    p = 1 / alpha

    def value(w):
        barrier = -np.log(w) if p == 1 else -(w ** (1 - p)) / (1 - p)
        return w @ gram @ w / 2 + barrier.sum()

    w = np.diag(gram) ** (-1 / (1 + p))
    for _ in range(500):
        slope = gram @ w - w**-p
        if np.abs(slope * w**p).max() < 1e-14:
            break
        step = np.linalg.solve(gram + np.diag(p * w ** (-p - 1)), slope)
        size, decrease = 1.0, slope @ step
        while size > 1e-8 and (
            (w - size * step).min() <= 0
            or value(w - size * step) > value(w) - size * decrease / 4 + 1e-15 * abs(value(w))
        ):
            size /= 2
        w = w - size * step
    return w


def power_balance_residual(gram, w, alpha):
    return np.abs(gram @ w * w ** (1 / alpha) - 1).max()


def dual_cone(gram, lower):
    """v ≥ lower that minimises v'Kv, K positive definite, by trying every set of free coordinates."""
    n = len(gram)
    for free in faces(n, smallest=0):
        v = lower.copy()
        bound = [i for i in range(n) if i not in free]
        if free:
            rest = gram[np.ix_(free, bound)] @ lower[bound]
            v[free] = np.linalg.solve(gram[np.ix_(free, free)], -rest)
        if (v - lower).min() >= -1e-14 and all((gram @ v)[bound] >= -1e-14):
            return v
    raise ArithmeticError("no face satisfies the optimality conditions")


def dual_cone_residual(gram, lower, v):
    slope = gram @ v
    return max(-slope.min(), (lower - v).max(), abs(slope @ (v - lower)))


def project_to_simplex(y):
    """The nearest point of the simplex: max(y − θ, 0) with the θ that makes the sum 1."""
    u = np.sort(y)[::-1]
    theta = (np.cumsum(u) - 1) / np.arange(1, len(u) + 1)
    return np.maximum(y - theta[np.nonzero(u > theta)[0][-1]], 0)
