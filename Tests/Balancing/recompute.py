#!/usr/bin/env python3
"""Every balancing method a second time, from its formula alone.

    recompute.py CASE.safetensors METHOD[;option=value]… [OUT.safetensors]

`replay` runs a method over recorded training. A recording holds `losses` [S,T] (NaN: the task is
absent), `gradients` [S,T,P], `triples` [S,3,T,P] (modo, sdmgrad), `after` [S,T] (famo), `normals`
[S,T] (rlw), `orders` [S,T,T] (pcgrad, gradvac), `features` [S,B,D], `featureGradients` [S,T,B,D] and
`uniforms` [S,D] (graddrop), and `stepsPerEpoch`. The result is W [S,T], the weights applied at each
step, and M [S,P]: M = Σ Wᵢgᵢ, W NaN where that cannot be said. Needs NumPy only.
"""

import sys

import numpy as np

import solvers


class Method:
    """One method: its state over T tasks, and `step`, told the step and the present tasks."""

    by_gradients = False

    def __init__(self, case, **options):
        self.case = case
        self.tasks = case["losses"].shape[1]
        self.setup(**options)

    def setup(self):
        pass

    def loss(self, t, p):
        return self.case["losses"][t, p]

    def gradient(self, t, p):
        return self.case["gradients"][t, p]

    def epoch(self, t):
        return t // int(self.case["stepsPerEpoch"].item())

    def mean_losses(self, epoch):
        n = int(self.case["stepsPerEpoch"].item())
        return np.nanmean(self.case["losses"][epoch * n : (epoch + 1) * n], axis=0)

    def weights(self, t, p):
        """For methods whose M is Σ wᵢgᵢ."""
        raise NotImplementedError

    def update(self, t, p):
        """Moves the state after the step."""

    def step(self, t, p):
        w = self.weights(t, p)
        self.update(t, p)
        return w, w @ self.gradient(t, p)


class Adam:
    """Adam for scalars that move only with their task: each counts its own steps."""

    def __init__(self, start, lr=0.025):
        self.x = np.array(start, float)
        self.m, self.v, self.n = np.zeros_like(self.x), np.zeros_like(self.x), np.zeros_like(self.x)
        self.lr = lr

    def move(self, p, slope):
        self.n[p] += 1
        self.m[p] += 0.1 * (slope - self.m[p])
        self.v[p] += 0.001 * (slope**2 - self.v[p])
        m, v = self.m[p] / (1 - 0.9 ** self.n[p]), self.v[p] / (1 - 0.999 ** self.n[p])
        self.x[p] -= self.lr * m / (np.sqrt(v) + 1e-8)


def softmax(x):
    e = np.exp(x - x.max())
    return e / e.sum()


def norms(g):
    return np.sqrt((g**2).sum(-1))


class Fixed(Method):
    def weights(self, t, p):
        return np.ones(len(p))


class Uncertainty(Method):
    """a·e^{−s}L + r(s), a = ½ or 1, r(s) = s/2, s or ln(1 + e^s). Kendall's: every other task, from
    the second on, is a regression."""

    def setup(self, form="kendall", bound="tanh"):
        self.form, self.bound = form, bound
        start = np.full(self.tasks, -0.5 if form == "libmtl" else 0.0)
        self.raw = Adam(3 * np.arctanh(start / 3) if bound == "tanh" else start)

    def s(self, p):
        return 3 * np.tanh(self.raw.x[p] / 3) if self.bound == "tanh" else self.raw.x[p]

    def weights(self, t, p):
        half = [self.form in ("libmtl", "liebel") or (self.form == "kendall" and i % 2) for i in p]
        return np.where(half, 0.5, 1) * np.exp(-self.s(p))

    def update(self, t, p):
        pull = {"kendall": 0.5, "libmtl": 0.5, "exp": 1}.get(self.form, 1 / (1 + np.exp(-self.s(p))))
        slope = pull - self.weights(t, p) * self.loss(t, p)
        if self.bound == "tanh":
            slope = slope * (1 - np.tanh(self.raw.x[p] / 3) ** 2)
        self.raw.move(p, slope)


class DWA(Method):
    def setup(self, temperature=2):
        self.temperature = temperature

    def weights(self, t, p):
        e = self.epoch(t)
        if e < 2:
            return np.ones(len(p))
        rate = self.mean_losses(e - 1)[p] / self.mean_losses(e - 2)[p]
        return len(p) * softmax(rate / self.temperature)


class RLW(Method):
    def weights(self, t, p):
        return softmax(self.case["normals"][t, p])


class GLS(Method):
    def weights(self, t, p):
        loss = self.loss(t, p)
        return np.exp(np.log(loss).mean()) / (len(p) * loss)


class ScaleInvariant(Method):
    def weights(self, t, p):
        return 1 / self.loss(t, p)


class IMTLL(Method):
    def setup(self):
        self.s = Adam(np.zeros(self.tasks))

    def weights(self, t, p):
        return np.exp(self.s.x[p])

    def update(self, t, p):
        self.s.move(p, np.exp(self.s.x[p]) * self.loss(t, p) - 1)


class FAMO(Method):
    def setup(self, decay=1e-3):
        self.w, self.decay = Adam(np.zeros(self.tasks)), decay

    def weights(self, t, p):
        share = softmax(self.w.x[p]) / (self.loss(t, p) + 1e-8)
        return share / share.sum()

    def update(self, t, p):
        z = softmax(self.w.x[p])
        delta = np.log(self.loss(t, p) + 1e-8) - np.log(self.case["after"][t, p] + 1e-8)
        self.w.move(p, z * (delta - z @ delta) + self.decay * self.w.x[p])


class STCH(Method):
    def setup(self, mu=1):
        self.mu = mu

    def weights(self, t, p):
        loss = self.loss(t, p)
        if self.epoch(t) < 5:
            return 1 / (loss + 1e-20)
        nadir = self.mean_losses(4)[p]
        y = np.log(loss / nadir + 1e-20)
        return len(p) * softmax(y / self.mu) / (loss + 1e-20 * nadir)


class GradNorm(Method):
    by_gradients = True

    def setup(self, alpha=1.5):
        self.omega, self.alpha = Adam(np.ones(self.tasks)), alpha

    def weights(self, t, p):
        return len(p) * softmax(self.omega.x[p]) if self.epoch(t) else np.ones(len(p))

    def update(self, t, p):
        if self.epoch(t) == 0:
            return
        v, size = self.weights(t, p), norms(self.gradient(t, p))
        rate = self.loss(t, p) / self.mean_losses(0)[p]
        target = (v * size).mean() * (rate / rate.mean()) ** self.alpha
        slope = np.sign(v * size - target) * size  # by v; v = T·softmax(ω)
        self.omega.move(p, v * (slope - slope @ v / len(p)))


class ExcessMTL(Method):
    by_gradients = True

    def setup(self, rate=0.01):
        self.rate = rate
        self.squares = np.zeros_like(self.case["gradients"][0])
        self.first = np.full(self.tasks, np.nan)
        self.scale = np.ones(self.tasks)

    def weights(self, t, p):
        g = self.gradient(t, p)
        self.squares[p] += g**2
        excess = (g**2 / np.sqrt(self.squares[p] + 1e-7)).sum(1)
        seen = ~np.isnan(self.first[p])
        self.first[p] = np.where(seen, self.first[p], excess)
        grown = self.scale[p] * np.exp(np.where(seen, self.rate * excess / self.first[p], 0))
        self.scale[p] = grown * len(p) / grown.sum()
        return self.scale[p]


class MGDA(Method):
    by_gradients = True

    def setup(self, normalization="none"):
        self.normalization = normalization

    def weights(self, t, p):
        g, loss = self.gradient(t, p), self.loss(t, p)
        size = {"none": 1, "l2": norms(g), "loss": loss, "loss+": loss * norms(g)}
        g = g / np.reshape(size[self.normalization], (-1, 1))
        return mgda(g @ g.T)


def mgda(gram):
    if len(gram) > 2:
        return solvers.min_norm(gram)
    (a, b), (_, c) = gram
    first = 0.999 if b >= a else 0.001 if b >= c else (c - b) / (a + c - 2 * b)
    return np.array([first, 1 - first])


class Surgery(Method):
    """p_i = g_i + Σ_j k_ij g_j, for each i over j in recorded order; W_j = Σ_i (I + k)_ij."""

    by_gradients = True

    def weights(self, t, p):
        g, mix = self.gradient(t, p), np.eye(len(p))
        place = {task: k for k, task in enumerate(p)}
        for i in p:
            for j in self.case["orders"][t, i].astype(int):
                if j != i and j in place:
                    row = mix[place[i]]
                    row[place[j]] += self.push(i, j, row @ g, g[place[j]])
        return mix.sum(0)


class PCGrad(Surgery):
    def push(self, i, j, own, other):
        return -min(own @ other, 0) / (other @ other + 1e-8)


class GradVac(Surgery):
    def setup(self, beta=0.5):
        self.goal, self.beta = np.zeros((self.tasks, self.tasks)), beta

    def push(self, i, j, own, other):
        rho, goal = own @ other / (norms(own) * norms(other)), self.goal[i, j]
        self.goal[i, j] = (1 - self.beta) * goal + self.beta * rho
        if rho >= goal:
            return 0
        sine, other_sine = np.sqrt(max(0, 1 - rho**2)), np.sqrt(1 - goal**2)
        return norms(own) * (goal * sine - rho * other_sine) / (norms(other) * other_sine + 1e-8)


class GradDrop(Method):
    """On features: M [S,B,D]."""

    by_gradients = True

    def setup(self, leak=0):
        self.leak = leak

    def gradient(self, t, p):
        return self.case["featureGradients"][t, p]

    def step(self, t, p):
        g, u = self.gradient(t, p), self.case["uniforms"][t]
        a = (g * np.sign(self.case["features"][t])).sum(1)
        purity = 0.5 * (1 + a.sum(0) / (np.abs(a).sum(0) + 1e-7))
        keep = (purity > u) * (a > 0) + (purity < u) * (a < 0)
        keep = self.leak + (1 - self.leak) * keep
        return np.full(len(p), np.nan), (keep[:, None] * g).sum(0)


class CAGrad(Method):
    by_gradients = True

    def setup(self, c=0.5):
        self.c = c

    def weights(self, t, p):
        g = self.gradient(t, p)
        return cagrad(g @ g.T, self.c)


def cagrad(gram, c=0.5):
    reach = c * np.sqrt(gram.mean() + 1e-8) + 1e-8
    w = solvers.cagrad(gram, reach)
    return (1 / len(gram) + reach / (np.sqrt(w @ gram @ w) + 1e-8) * w) / (1 + c * c)


class IMTLG(Method):
    by_gradients = True

    def weights(self, t, p):
        return imtl_g(self.gradient(t, p))


def imtl_g(g):
    """The weights of sum 1 whose M has the same projection on every unit gradient."""
    unit = g / norms(g)[:, None]
    d, u = g[:1] - g[1:], unit[:1] - unit[1:]
    rest = np.linalg.solve(u @ d.T, u @ g[0])
    return np.concatenate([[1 - rest.sum()], rest])


class IMTL(IMTLL):
    by_gradients = True

    def weights(self, t, p):
        scale = np.exp(self.s.x[p])
        return imtl_g(scale[:, None] * self.gradient(t, p)) * scale


class NashMTL(Method):
    by_gradients = True

    def weights(self, t, p):
        g = self.gradient(t, p)
        alpha = solvers.power_balance(g @ g.T, 1)
        return alpha * min(1, 1 / norms(alpha @ g))


class FairGrad(Method):
    by_gradients = True

    def setup(self, alpha=1):
        self.alpha = alpha

    def weights(self, t, p):
        g = self.gradient(t, p)
        return solvers.power_balance(g @ g.T, self.alpha)


class AlignedMTL(Method):
    by_gradients = True

    def weights(self, t, p):
        g = self.gradient(t, p)
        return aligned_mtl(g @ g.T)


def aligned_mtl(gram):
    values, v = np.linalg.eigh(gram)
    kept = values > values.max() * len(gram) * 1.19e-7
    values, v = values[kept], v[:, kept]
    return np.sqrt(values.min()) * (v / np.sqrt(values)) @ v.sum(0)


class DBMTL(Method):
    by_gradients = True

    def setup(self, beta=0.9, beta_sigma=0):
        self.beta, self.sigma, self.count = beta, beta_sigma, 0
        self.buffer = np.zeros_like(self.case["gradients"][0])

    def step(self, t, p):
        self.count += 1
        g = self.gradient(t, p) / (self.loss(t, p)[:, None] + 1e-8)
        self.buffer[p] = g + self.beta / self.count**self.sigma * (self.buffer[p] - g)
        b = self.buffer[p]
        return np.full(len(p), np.nan), norms(b).max() / (norms(b) + 1e-8) @ b


class MoCo(Method):
    by_gradients = True

    def setup(self, beta=0.5, beta_sigma=0.5, gamma=0.1, gamma_sigma=0.5, rho=0):
        self.beta, self.beta_sigma, self.gamma, self.gamma_sigma = beta, beta_sigma, gamma, gamma_sigma
        self.rho, self.count = rho, 0
        self.y = np.zeros_like(self.case["gradients"][0])
        self.share = np.full(self.tasks, 1 / self.tasks)

    def step(self, t, p):
        self.count += 1
        g = self.gradient(t, p)
        g = g * (self.loss(t, p) / (norms(g) + 1e-8))[:, None]
        self.y[p] -= self.beta / self.count**self.beta_sigma * (self.y[p] - g)
        y, share = self.y[p], self.share[p]
        pull = (y @ y.T + self.rho * np.eye(len(p))) @ share
        self.share[p] = softmax(share - self.gamma / self.count**self.gamma_sigma * pull)
        return np.full(len(p), np.nan), self.share[p] @ y


class MoDo(Method):
    """The third batch is the one that the weights meet."""

    by_gradients = True

    def setup(self, gamma=1e-3, rho=0.1):
        self.gamma, self.rho = gamma, rho
        self.share = np.full(self.tasks, 1 / self.tasks)

    def gradient(self, t, p):
        return self.case["triples"][t, 2, p]

    def weights(self, t, p):
        one, two = self.case["triples"][t, :2][:, p]
        share = self.share[p]
        pull = one @ two.T @ share + self.rho * share
        self.share[p] = solvers.project_to_simplex(share - self.gamma * pull)
        return self.share[p]


class SDMGrad(Method):
    """The first batch is the one that the weights meet."""

    by_gradients = True

    def setup(self, strength=0.3):
        self.strength = strength
        self.share = np.full(self.tasks, 1 / self.tasks)

    def gradient(self, t, p):
        return self.case["triples"][t, 0, p]

    def weights(self, t, p):
        two, three = self.case["triples"][t, 1:][:, p]
        q = two @ three.T
        q = q / (np.sqrt(np.maximum(np.diag(q), 0)).mean() ** 2 + 1e-8)
        w, velocity = self.share[p], np.zeros(len(p))
        for _ in range(20):
            velocity = 0.5 * velocity + q @ w + self.strength * q.mean(1)
            w = solvers.project_to_simplex(w - 5 * velocity)
        self.share[p] = w
        return (w + self.strength / len(p)) / (1 + self.strength)


class UPGrad(Method):
    by_gradients = True

    def weights(self, t, p):
        g = self.gradient(t, p)
        return upgrad(g @ g.T)


def upgrad(gram):
    n = len(gram)
    trace = np.trace(gram)
    k = (gram / trace if trace >= 1e-4 else 0 * gram) + 1e-4 * np.eye(n)
    return sum(solvers.dual_cone(k, np.eye(n)[i] / n) for i in range(n))


METHODS = {
    "fixed": Fixed, "uncertainty": Uncertainty, "dwa": DWA, "rlw": RLW, "gls": GLS,
    "scale_invariant": ScaleInvariant, "imtl_l": IMTLL, "famo": FAMO, "stch": STCH,
    "gradnorm": GradNorm, "excess_mtl": ExcessMTL, "mgda": MGDA, "pcgrad": PCGrad,
    "gradvac": GradVac, "graddrop": GradDrop, "cagrad": CAGrad, "imtl_g": IMTLG, "imtl": IMTL,
    "nash_mtl": NashMTL, "fairgrad": FairGrad, "aligned_mtl": AlignedMTL, "db_mtl": DBMTL,
    "moco": MoCo, "modo": MoDo, "sdmgrad": SDMGrad, "upgrad": UPGrad,
}


def replay(name, case, **options):
    """W and M of a method over a recording. An absent task has weight 0, a step without tasks M 0; a
    gradient method with one present task passes its gradient on and keeps its state."""
    method = METHODS[name](case, **options)
    losses = case["losses"]
    example = method.gradient(0, [0])[0]
    w, m = np.zeros(losses.shape), np.zeros((len(losses), *example.shape))
    for t in range(len(losses)):
        p = np.flatnonzero(~np.isnan(losses[t]))
        if len(p) == 1 and method.by_gradients:
            w[t, p], m[t] = 1, method.gradient(t, p)[0]
        elif len(p):
            w[t, p], m[t] = method.step(t, p)
    return w, m


def parse(words):
    """`name;key=value;key=value` as in the fixtures: a number where it reads as one."""
    name, *pairs = words.split(";")
    options = {}
    for key, value in (pair.split("=", 1) for pair in pairs):
        try:
            options[key] = float(value)
        except ValueError:
            options[key] = value
    return name, options


def main():
    from safetensors.numpy import load_file, save_file

    name, options = parse(sys.argv[2])
    w, m = replay(name, load_file(sys.argv[1]), **options)
    if len(sys.argv) > 3:
        save_file({"W": w, "M": m}, sys.argv[3])
    else:
        print(w, m, sep="\n")


if __name__ == "__main__":
    main()
