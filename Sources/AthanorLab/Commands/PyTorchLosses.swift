import AthanorCore
import Foundation

/// A Python process that times the same losses with PyTorch's eager operators on a tensor of the same
/// shape, channels last; asked by name, it answers in milliseconds, or with nothing for a loss that it
/// has no operators for.
final class PyTorchLosses {
  struct Failure: Error, CustomStringConvertible {
    var python: String
    var reason: String
    var description: String { "\(python): expected a Python with torch: \(reason)" }
  }

  private let process = Process()
  private let python: String
  private let (input, output, errors) = (Pipe(), Pipe(), Pipe())

  init(_ python: String, shape: [Int], threads: Int) throws {
    self.python = python
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [python, "-u", "-c", Self.script] + (shape + [threads]).map(String.init)
    (process.standardInput, process.standardOutput) = (input, output)
    process.standardError = errors
    do { try process.run() } catch { throw Failure(python: python, reason: "\(error)") }
    guard try line() == "ready" else { throw failure() }
  }

  deinit {
    try? input.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  func milliseconds(of loss: String) throws -> Double? {
    try input.fileHandleForWriting.write(contentsOf: Data("\(loss)\n".utf8))
    guard let answer = try line() else { throw failure() }
    return Double(answer)
  }

  private func line() throws -> String? {
    var bytes: [UInt8] = []
    while let byte = try output.fileHandleForReading.read(upToCount: 1)?.first {
      if byte == 10 { return String(decoding: bytes, as: UTF8.self) }
      bytes.append(byte)
    }
    return nil
  }

  private func failure() -> Failure {
    let text = (try? errors.fileHandleForReading.readToEnd()).flatMap { $0 } ?? Data()
    let last = String(decoding: text, as: UTF8.self).split(separator: "\n").last
    return Failure(python: python, reason: last.map(String.init) ?? "it ended")
  }

  /// The formulas as one writes them in PyTorch.
  private static let script = """
    import sys, time
    import torch, torch.nn.functional as F
    n, h, w, c, threads = map(int, sys.argv[1:])
    torch.set_num_threads(threads)
    x = (torch.rand(n, c, h, w) * 6 - 3).contiguous(memory_format=torch.channels_last)
    x.requires_grad_()
    y, z = torch.meshgrid(torch.arange(h), torch.arange(w), indexing="ij")
    t = ((z // 37 * 7 + y // 29 * 13) % max(2, c)).expand(n, h, w).clone()
    t[:, :, ::97] = 255
    def parts():
        valid = (t != 255)[:, None]
        p = x.softmax(1) * valid
        g = F.one_hot(t.where(t != 255, 0), c).permute(0, 3, 1, 2) * valid
        return p, g.float(), (0, 2, 3)
    def region(f):
        p, g, d = parts()
        return f((p * g).sum(d), p.sum(d), g.sum(d))
    def focal():
        ce = F.cross_entropy(x, t, ignore_index=255, reduction="none")
        return ((1 - (-ce).exp()) ** 2 * ce).sum() / (t != 255).sum()
    def binary():
        valid = t != 255
        g = F.one_hot(t.where(valid, 0), c).permute(0, 3, 1, 2).float()
        return g, F.binary_cross_entropy_with_logits(x, g, reduction="none"), valid[:, None]
    def bce():
        g, ce, valid = binary()
        return (ce * valid).sum() / (valid.sum() * c)
    def sigmoid_focal():
        g, ce, valid = binary()
        p = x.sigmoid()
        f = (0.25 * g + 0.75 * (1 - g)) * ce * (1 - (p * g + (1 - p) * (1 - g))) ** 2
        return (f * valid).sum() / (valid.sum() * c)
    def weighted():
        f = torch.bincount(t[t != 255], minlength=c).float()
        return F.cross_entropy(x, t, ignore_index=255, weight=f.sum() / f)
    def generalized(i, p, g):
        w = 1 / g ** 2
        return 1 - 2 * (w * i).sum() / (w * (p + g)).sum()
    def explog():
        p, g, d = parts()
        i, ps, gs = (p * g).sum(d), p.sum(d), g.sum(d)
        ce = F.cross_entropy(x, t, ignore_index=255, reduction="none").clamp(min=1e-7)
        u = (gs.sum() / gs).sqrt()[t.where(t != 255, 0)]
        dice = (-((2 * i + 1) / (ps + gs + 1)).log()).clamp(min=1e-7) ** 0.3
        return 0.8 * dice.mean() + 0.2 * (u * ce ** 0.3 * (t != 255)).sum() / (t != 255).sum()
    def lovasz():
        valid = t != 255
        p, labels, total = x.softmax(1).permute(0, 2, 3, 1)[valid], t[valid], 0
        for k in range(c):
            g = (labels == k).float()
            e, order = torch.sort((g - p[:, k]).abs(), 0, descending=True)
            s = g[order]
            j = 1 - (s.sum() - s.cumsum(0)) / (s.sum() + (1 - s).cumsum(0))
            total = total + torch.dot(e, torch.cat([j[:1], j[1:] - j[:-1]]))
        return total / c
    losses = {
        "cross_entropy": lambda: F.cross_entropy(x, t, ignore_index=255),
        "weighted_cross_entropy": weighted, "bce": bce, "focal": focal,
        "sigmoid_focal": sigmoid_focal,
        "dice": lambda: region(lambda i, p, g: (1 - 2 * i / (p + g)).mean()),
        "generalized_dice": lambda: region(generalized),
        "jaccard": lambda: region(lambda i, p, g: (1 - i / (p + g - i)).mean()),
        "tversky": lambda: region(
            lambda i, p, g: (1 - i / (i + 0.3 * (p - i) + 0.7 * (g - i))).mean()),
        "exponential_logarithmic": explog, "lovasz_softmax": lovasz,
        "sum": lambda: F.cross_entropy(x, t, ignore_index=255)
            + region(lambda i, p, g: (1 - 2 * i / (p + g)).mean()),
    }
    print("ready")
    for line in sys.stdin:
        loss = losses.get(line.strip())
        if loss is None:
            print("none")
            continue
        start = time.perf_counter()
        torch.autograd.grad(loss(), x)
        print(1e3 * (time.perf_counter() - start))
    """
}
