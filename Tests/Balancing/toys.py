#!/usr/bin/env python3
"""What the methods must do on problems small enough to solve by hand, each asserted of recompute.py.

Two kinds: constant losses and gradients, where state must settle at a known place; and descent on two
quadratics L₁ = 1 + ½|θ − a|², L₂ = 1 + ½k|θ − b|², a = (−1,0), b = (1,0), k = 4, from (0.3, 2), whose
Pareto set is the segment between a and b.
"""

import numpy as np

import recompute
import solvers

A, B, K = np.array([-1.0, 0]), np.array([1.0, 0]), 4.0
START = (0.3, 2.0)


def constant(losses, gradients, steps):
    """A recording that says the same at each step, its visiting orders 0, 1, 2."""
    tasks = len(losses)
    g = np.array(gradients, float)
    return {
        "losses": np.tile(np.array(losses, float), (steps, 1)),
        "after": np.tile(np.array(losses, float), (steps, 1)),
        "gradients": np.tile(g, (steps, 1, 1)),
        "triples": np.tile(g, (steps, 3, 1, 1)),
        "orders": np.tile(np.arange(tasks), (steps, tasks, 1)),
        "stepsPerEpoch": np.array([2.0]),
    }


def settled(words, losses, gradients, steps=1):
    """W and M of the last of `steps` equal steps."""
    name, options = recompute.parse(words)
    w, m = recompute.replay(name, constant(losses, gradients, steps), **options)
    return w[-1], m[-1]


def quadratics(theta):
    losses = [1 + (theta - A) @ (theta - A) / 2, 1 + K * (theta - B) @ (theta - B) / 2]
    return np.array(losses), np.array([theta - A, K * (theta - B)])


def descend(words, steps=3000, lr=0.02):
    """θ after plain gradient descent along M from START."""
    name, options = recompute.parse(words)
    case = constant([1, 1], np.zeros((2, 2)), steps)
    method, theta = recompute.METHODS[name](case, **options), np.array(START)
    for t in range(steps):
        case["losses"][t], case["gradients"][t] = quadratics(theta)
        theta = theta - lr * method.step(t, np.arange(2))[1]
    return theta


def descend_famo(steps=3000, lr=0.02):
    """The same for FAMO, which is told the losses after the step."""
    case = constant([1, 1], np.zeros((2, 2)), steps)
    method, theta, both = recompute.FAMO(case), np.array(START), np.arange(2)
    for t in range(steps):
        case["losses"][t], gradients = quadratics(theta)
        theta = theta - lr * method.weights(t, both) @ gradients
        case["after"][t] = quadratics(theta)[0]
        method.update(t, both)
    return theta


def close(a, b, tolerance=1e-9):
    assert np.allclose(a, b, rtol=0, atol=tolerance), (a, b)


def settled_scalars():
    """Constant losses: where learned scalars stop. Weights, so no matter how s is stored."""
    losses, g = np.array([0.05, 4.0]), np.eye(2)
    for words, weights in {
        "uncertainty;form=exp;bound=none": 1 / losses,  # s = ln L
        "uncertainty;form=libmtl;bound=none": 0.5 / losses,
        # classification s = ln 2L, regression s = ln L: both weights are 1/(2L)
        "uncertainty;form=kendall;bound=none": 0.5 / losses,
        # c² = (L + √(L² + 8L))/4
        "uncertainty;form=liebel;bound=none": 2 / (losses + np.sqrt(losses**2 + 8 * losses)),
        "imtl_l": 1 / losses,  # e^s L = 1
    }.items():
        close(settled(words, losses, g, 6000)[0] * losses, weights * losses, 1e-3)
    # A loss that stands still moves neither FAMO's w nor DWA's weights; STCH's y are 0.
    close(settled("famo", losses, g, 20)[0], (1 / losses) / (1 / losses).sum(), 1e-6)
    close(settled("dwa", losses, g, 20)[0], 1)
    close(settled("stch", losses, g, 20)[0] * losses, 1)
    close(settled("gls", losses, g)[0] * losses, np.sqrt(losses.prod()) / 2)  # equal weighted losses
    # Equal training rates: the weighted norms become equal, v_i ∝ 1/‖g_i‖, to Adam's step.
    close(settled("gradnorm", losses, [[1, 0], [0, 3]], 2000)[0], [1.5, 0.5], 0.1)
    # S = t·g², so that every task's excess falls as 1/√t: weights stay 1.
    close(settled("excess_mtl", losses, [[1, 0], [0, 3]], 50)[0], 1, 1e-6)


def settled_directions():
    """Constant gradients: where the methods with state of their own arrive."""
    losses, g = np.array([0.5, 2.0]), np.array([[1.0, 0], [0, 3]])
    # Buffers become g/L, then all as long as the longest: 2 for (2,0) and (0,1.5).
    close(settled("db_mtl", losses, g, 400)[1], [2, 2], 1e-6)
    # λ minimises λ'(GG' + ρI)λ on the simplex: ∝ 1/(‖g_i‖² + ρ) for orthogonal gradients.
    share = 1 / (np.array([1, 9]) + 0.1)
    close(settled("modo", losses, g, 4000)[0], share / share.sum(), 1e-6)
    # MoCo's λ ← softmax(λ − γ_t…) forgets: as γ_t falls, λ goes to 1/T, and y to g·L/‖g‖.
    close(settled("moco", losses, g, 10_000)[1], [0.25, 1], 2e-2)
    # Equal orthogonal gradients: by symmetry each has half.
    close(settled("sdmgrad", losses, np.eye(2), 5)[0], 0.5)


def single_steps():
    """One step in closed form: g₁ = (1,0), g₂ = (−1,1) and orthogonal ones."""
    ones, g = [1, 1], np.array([[1.0, 0], [-1, 1]])
    close(settled("mgda", ones, g)[0], [0.6, 0.4])  # (c − b)/(a + c − 2b), a 1, b −1, c 2
    close(settled("mgda", ones, [[1, 0], [2, 0]])[0], [0.999, 0.001])
    close(settled("pcgrad", ones, g)[1], [0.5, 1.5], 1e-7)  # (½,½) + (0,1)
    close(settled("gradvac", ones, g)[1], [0.5, 1.5], 1e-7)  # the first target is cos 0
    close(settled("cagrad;c=0", ones, g)[1], g.mean(0), 1e-7)
    w, m = settled("imtl_g", ones, g)
    close(w, [np.sqrt(2) / (1 + np.sqrt(2)), 1 / (1 + np.sqrt(2))])
    close(m @ g[0], m @ g[1] / np.sqrt(2))  # equal projections on the unit gradients
    w, m = settled("fairgrad", ones, g)
    close(w * (g @ m), 1)
    root = np.sqrt(1 / 2)  # √(a/c), b = −1
    close(w, np.array([1, root]) / np.sqrt(1 - root))
    close(settled("nash_mtl", ones, g)[1], m / np.sqrt(2), 1e-9)  # ‖m‖² = T always: clipped to 1
    # Orthogonal gradients become as long as the shortest.
    close(settled("aligned_mtl", ones, [[1, 0], [0, 1]])[1], [1, 1])
    close(settled("aligned_mtl", ones, [[2, 0], [0, 5]])[1], [2, 2])
    close(settled("upgrad", ones, [[2, 0], [1, 5]])[0], 0.5)  # no conflict: the mean
    # In conflict e_i/2 is raised until it does no harm: v₁ = (½, ¼), v₂ = (½, ½), but for 1e-4·I.
    close(settled("upgrad", ones, g)[0], [1, 0.75], 1e-3)
    for name in ("mgda", "pcgrad", "imtl_g", "fairgrad", "nash_mtl", "upgrad"):
        assert (g @ settled(name, ones, g)[1] > -1e-3).all(), name  # no task is harmed
    close(g @ settled("fairgrad;alpha=1000000", ones, g)[1], 1, 1e-4)  # max-min: equal gains


def product_minimum():
    """Where L₁L₂ is least on the segment, by bisection of ∇L₁/L₁ + ∇L₂/L₂."""
    low, high = -1.0, 1.0
    for _ in range(100):
        x = (low + high) / 2
        losses, g = quadratics(np.array([x, 0]))
        low, high = (low, x) if (g[:, 0] / losses).sum() > 0 else (x, high)
    return np.array([low, 0])


def descents():
    close(descend("fixed"), [(K - 1) / (K + 1), 0], 1e-6)  # (a + k·b)/(1 + k)
    # Their totals are, at the best s, Σ ln L and constants, or a multiple of it.
    for words in ("gls", "scale_invariant", "imtl_l", "uncertainty;form=exp;bound=none",
                  "uncertainty;form=libmtl;bound=none", "uncertainty;form=kendall;bound=none"):
        close(descend(words), product_minimum(), 1e-4)
    # These stop wherever they meet the Pareto set: θ on the segment, the least norm 0.
    ends = {}
    for words in ("mgda", "pcgrad", "cagrad", "imtl_g", "upgrad", "famo"):
        x, y = ends[words] = descend_famo() if words == "famo" else descend(words)
        assert abs(y) < 1e-3 and -1 < x < 1, (words, x, y)
        g = quadratics(np.array([x, y]))[1]
        assert solvers.min_norm(g @ g.T) @ g @ g.T @ solvers.min_norm(g @ g.T) < 1e-4, words
    return ends


if __name__ == "__main__":
    settled_scalars()
    settled_directions()
    single_steps()
    for words, theta in descents().items():
        print(f"{words:8} ends at {theta.round(4)}")
