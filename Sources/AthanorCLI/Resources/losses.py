# Every loss with its defaults as it is usually written in PyTorch, timed and evaluated on request.
# The boundary loss computes its distances with SciPy, as its paper's code does, and requires it.
import math, sys, time
import torch, torch.nn.functional as F
n, h, w, c, boxes, threads = map(int, sys.argv[1:])
torch.set_num_threads(threads)
E = 1e-7

# Segmentation: logits [N,C,H,W], classes [N,H,W] with 255 to ignore.
def parts(x, t):
    valid = (t != 255)[:, None]
    p = x.softmax(1) * valid
    g = F.one_hot(t.where(t != 255, 0), x.shape[1]).permute(0, 3, 1, 2) * valid
    return p, g.to(x.dtype), (0, 2, 3)
def sums(x, t):
    p, g, d = parts(x, t)
    return (p * g).sum(d), p.sum(d), g.sum(d)
def region(f):
    def loss(x, t):
        i, p, g = sums(x, t)
        return torch.where(g > 0, f(i, p, g), 0).mean()
    return loss
def cross_entropy(x, t):
    return F.cross_entropy(x, t, ignore_index=255)
def weighted_cross_entropy(x, t):
    f = torch.bincount(t[t != 255], minlength=x.shape[1]).to(x.dtype)
    return F.cross_entropy(x, t, ignore_index=255, weight=torch.where(f > 0, f.sum() / f, 0))
def focal(x, t):
    ce = F.cross_entropy(x, t, ignore_index=255, reduction="none")
    return ((1 - (-ce).exp()) ** 2 * ce).sum() / (t != 255).sum()
def binary(x, t):
    valid = t != 255
    g = F.one_hot(t.where(valid, 0), x.shape[1]).permute(0, 3, 1, 2).to(x.dtype)
    return g, F.binary_cross_entropy_with_logits(x, g, reduction="none"), valid[:, None]
def bce(x, t):
    g, ce, valid = binary(x, t)
    return (ce * valid).sum() / (valid.sum() * x.shape[1])
def sigmoid_focal(x, t):
    g, ce, valid = binary(x, t)
    p = x.sigmoid()
    f = (0.25 * g + 0.75 * (1 - g)) * ce * (1 - (p * g + (1 - p) * (1 - g))) ** 2
    return (f * valid).sum() / (valid.sum() * x.shape[1])
dice = region(lambda i, p, g: 1 - 2 * i / (p + g))
jaccard = region(lambda i, p, g: 1 - i / (p + g - i))
tversky = region(lambda i, p, g: 1 - i / (i + 0.3 * (p - i) + 0.7 * (g - i)))
def generalized_dice(x, t):
    i, p, g = sums(x, t)
    w = 1 / g ** 2
    w = w.where(g > 0, w[g > 0].max())
    return 1 - 2 * (w * i).sum() / (w * (p + g)).sum()
def exponential_logarithmic(x, t):
    i, p, g = sums(x, t)
    ce = F.cross_entropy(x, t, ignore_index=255, reduction="none").clamp(min=1e-7)
    u = (g.sum() / g).sqrt()[t.where(t != 255, 0)]
    dice = (-((2 * i + 1) / (p + g + 1)).log()).clamp(min=1e-7) ** 0.3
    cross = (u * ce ** 0.3)[t != 255].mean()
    return 0.8 * dice.mean() + 0.2 * cross
def lovasz_softmax(x, t):
    valid = t != 255
    p, labels, losses = x.softmax(1).permute(0, 2, 3, 1)[valid], t[valid], []
    for k in labels.unique():
        g = (labels == k).to(x.dtype)
        e, order = torch.sort((g - p[:, k]).abs(), 0, descending=True)
        s = g[order]
        j = 1 - (s.sum() - s.cumsum(0)) / (s.sum() + (1 - s).cumsum(0))
        losses.append(torch.dot(e, torch.cat([j[:1], j[1:] - j[:-1]])))
    return torch.stack(losses).mean()
def boundary(x, t):
    from scipy.ndimage import distance_transform_edt as distance
    phi = torch.zeros(t.shape + (x.shape[1],), dtype=x.dtype)
    for image, labels in enumerate(t.numpy()):
        for k in range(1, x.shape[1]):
            inside = labels == k
            if inside.any() and not inside.all():
                signed = distance(~inside) - (distance(inside) - 1) * inside
                phi[image, ..., k] = torch.from_numpy(signed)
    p, _, _ = parts(x, t)
    return (p * phi.permute(0, 3, 1, 2)).sum() / ((t != 255).sum() * (x.shape[1] - 1))
segmentation = {f.__name__: f for f in (
    cross_entropy, weighted_cross_entropy, bce, focal, sigmoid_focal, generalized_dice,
    exponential_logarithmic, lovasz_softmax, boundary)}
segmentation |= {
    "dice": dice, "jaccard": jaccard, "tversky": tversky,
    "sum": lambda x, t: cross_entropy(x, t) + dice(x, t)}

# Boxes: [M,4] as x1, y1, x2, y2; one value a box.
def size(b):
    return b[:, 2:] - b[:, :2]
def overlap(p, t):
    i = (torch.minimum(p[:, 2:], t[:, 2:]) \
- torch.maximum(p[:, :2], t[:, :2])).clamp(min=0).prod(1)
    return i, size(p).prod(1) + size(t).prod(1) - i
def ratio(p, t):
    i, u = overlap(p, t)
    return i / (u + E)
def hull(p, t):
    return torch.maximum(p[:, 2:], t[:, 2:]) - torch.minimum(p[:, :2], t[:, :2])
def apart(p, t):
    return (p[:, :2] + p[:, 2:] - t[:, :2] - t[:, 2:]) / 2
def giou(p, t):
    (i, u), area = overlap(p, t), hull(p, t).prod(1)
    return 1 - (i / (u + E) - (area - u) / (area + E))
def diou(p, t):
    far = apart(p, t).square().sum(1) / (hull(p, t).square().sum(1) + E)
    return 1 - ratio(p, t) + far
def ciou(p, t):
    turn = torch.atan2(*size(t).unbind(1)) - torch.atan2(*size(p).unbind(1))
    v = 4 / math.pi ** 2 * turn.square()
    alpha = (v / (1 - ratio(p, t) + v + E)).detach()
    return diou(p, t) + alpha * v
def eiou(p, t):
    return diou(p, t) + ((size(p) - size(t)).square() / (hull(p, t).square() + E)).sum(1)
def siou(p, t):
    d = apart(p, t)
    sine = 2 * d.abs().prod(1) / d.square().sum(1).clamp(min=E)
    exponent = (sine - 2)[:, None] * d.square() / (hull(p, t).square() + E)
    omega = (size(p) - size(t)).abs() / torch.maximum(size(p), size(t)).clamp(min=E)
    shape = (1 - (-omega).exp()) ** 4
    return 1 - ratio(p, t) + ((1 - exponent.exp()) + shape).sum(1) / 2
box = {
    "l1": lambda p, t: (p - t).abs().sum(1), "l2": lambda p, t: (p - t).square().sum(1),
    "smooth_l1": lambda p, t: F.smooth_l1_loss(p, t, reduction="none").sum(1),
    "iou": lambda p, t: -ratio(p, t).clamp(min=E).log(), "giou": giou, "diou": diou, "ciou": ciou,
    "eiou": eiou, "alpha_iou": lambda p, t: 1 - ratio(p, t) ** 3, "siou": siou}

# What is timed.
x = (torch.rand(n, c, h, w) * 6 - 3).contiguous(memory_format=torch.channels_last)
y, z = torch.meshgrid(torch.arange(h), torch.arange(w), indexing="ij")
t = ((z // 37 * 7 + y // 29 * 13) % max(2, c)).expand(n, h, w).clone()
t[:, :, ::97] = 255
corner = torch.rand(boxes, 2) * 400
truth = torch.cat((corner, corner + 8 + torch.rand(boxes, 2) * 92), 1)
near = truth + torch.rand(boxes, 4) * 8 - 4

def evaluate(name, prediction, target):
    prediction.requires_grad_()
    start = time.perf_counter()
    loss = segmentation[name](prediction, target) if name in segmentation else (
        box[name](prediction, target).sum())
    gradient, = torch.autograd.grad(loss, prediction)
    return 1e3 * (time.perf_counter() - start), loss.item(), gradient

def answer(verb, name, *files):
    if name not in segmentation and name not in box:
        return "none"
    if verb == "time":
        return evaluate(name, *((x, t) if name in segmentation else (near, truth)))[0]
    import numpy
    prediction, target = (torch.from_numpy(numpy.load(file)) for file in files[:2])
    if name in segmentation:
        _, loss, gradient = evaluate(name, prediction.permute(0, 3, 1, 2), target.long())
        gradient = gradient.permute(0, 2, 3, 1)
    else:
        _, loss, gradient = evaluate(name, prediction, target)
    numpy.save(files[2], gradient.contiguous().numpy())
    return loss

print("ready")
for line in sys.stdin:
    try:
        print(answer(*line.rstrip("\n").split("\t")))
    except ImportError:
        print("none")
