import AthanorCore
import AthanorKernels
import AthanorTensor

/// Binary focal loss of every class at every point: Σ −α_t(1 − p_t)^γ ln p_t, p = σ(logit).
///
/// p_t is p for the point's class and 1 − p for the others; α_t likewise α and 1 − α.
/// Source: Lin et al. 2017, eq. 5; torchvision's `sigmoid_focal_loss`.
public struct SigmoidFocalLoss: ClassificationLoss {
  public struct Options: Codable, Sendable, DefaultInitializable {
    public var alpha = 0.25
    public var gamma = 2.0

    public init() {}
  }

  public static let name = "focal"
  public static let summary = "sigmoid focal loss, summed over points and classes"
  public static let source = "Lin et al. 2017, eq. 5; torchvision"

  private let options: Options

  public init(_ options: Options = Options()) throws {
    guard (0...1).contains(options.alpha) else {
      throw SettingsError(
        key: "focal.alpha", expected: "a number in [0, 1]", received: "\(options.alpha)")
    }
    guard options.gamma >= 0, options.gamma.isFinite else {
      throw SettingsError(
        key: "focal.gamma", expected: "a number from 0", received: "\(options.gamma)")
    }
    self.options = options
  }

  public func callAsFunction(_ logits: Tensor, _ labels: Tensor) -> Tensor {
    precondition(
      logits.rank == 2 && labels.dtype == .int32 && labels.shape == [logits.shape[0]],
      "focal: logits \(logits) with labels \(labels)")
    return logits.dtype == .float32
      ? evaluate(logits, labels, Float.self) : evaluate(logits, labels, Double.self)
  }

  /// Points that one partial sum covers: fixed, so that the sum does not depend on the threads.
  private static let block = 1024

  /// Value and gradient in one pass: backward only scales what forward left.
  private func evaluate<T: FloatingScalar & TensorScalar>(
    _ logits: Tensor, _ labels: Tensor, _ type: T.Type
  ) -> Tensor {
    let (points, classes) = (logits.shape[0], logits.shape[1])
    let slopes = Tensor(uninitialized: logits.shape, logits.dtype)
    let (x, label, out) = (
      logits.pointer(to: T.self), labels.pointer(to: Int32.self), slopes.pointer(to: T.self)
    )
    let blocks = (points + Self.block - 1) / Self.block
    let partial = Tensor(uninitialized: [blocks], .float64)
    let sums = partial.pointer(to: Double.self)
    let (alpha, gamma) = (T(options.alpha), T(options.gamma))
    parallelFor(blocks, grain: 1) { b in
      var sum = 0.0
      for point in (b * Self.block)..<min(points, (b + 1) * Self.block) {
        let (row, slope) = (x + point * classes, out + point * classes)
        guard label[point] != PointLabel.ignored else {
          for c in 0..<classes { slope[c] = 0 }
          continue
        }
        for c in 0..<classes {
          // With t = ±1 for the point's class and the others, p_t = σ(t·x): one formula serves both.
          let positive = Int32(c) == label[point]
          let z = positive ? row[c] : -row[c]
          let e = T.exp(-abs(z))
          let logP = min(z, 0) - T.log1p(e)
          let q = (z >= 0 ? e : 1) / (1 + e)
          let factor = (positive ? alpha : 1 - alpha) * (gamma == 2 ? q * q : T.pow(q, gamma))
          sum += Double(-factor * logP)
          let d = factor * (gamma * (1 - q) * logP - q)
          slope[c] = positive ? d : -d
        }
      }
      sums[b] = sum
    }
    let total = partial.array(of: Double.self).reduce(0, +)
    return Tensor([T(total)], shape: []).computed(from: [logits]) { gradient, _ in
      [slopes * gradient]
    }
  }
}
