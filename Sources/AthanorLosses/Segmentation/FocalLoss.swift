import AthanorCore
import AthanorKernels

/// Softmax focal loss: cross entropy with less weight on pixels that are already right.
///
/// Mean over the valid pixels of −α_t(1−p_t)^γ ln p_t.
///
/// Source: Lin et al. 2017, eq. 5.
public struct FocalLoss: SoftmaxLoss {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// γ ≥ 0: the larger, the less weight on easy pixels; 0 is cross entropy.
    public var gamma = 2.0
    /// α: one factor, or one for each class; 1 if none is given.
    public var alpha: PerClass?

    public init() {}
  }

  public static let name = "focal"
  public static let summary = "softmax cross entropy that fades by (1-p)^gamma"
  public static let source = "Lin et al. 2017, eq. 5"

  private let gamma: Double
  private let power: Power
  /// q^(γ−1), bounded.
  private let derivativePower: Power
  private let alpha: PerClass

  public init(_ options: Options) throws {
    try require(
      options.gamma >= 0 && options.gamma.isFinite, "\(Self.name).gamma", "a number from 0",
      options.gamma)
    alpha = options.alpha ?? .uniform(1)
    try requireWeights(alpha.numbers, "\(Self.name).alpha")
    gamma = options.gamma
    power = Power(gamma)
    derivativePower = Power(gamma - 1)
  }

  /// With the default of each option that is not given.
  public init(gamma: Double = Options().gamma, alpha: PerClass? = nil) throws {
    var options = Options()
    options.gamma = gamma
    options.alpha = alpha
    try self.init(options)
  }

  public func incompatibility(classes: Int) -> String? {
    alpha.fits(classes: classes)
      ? nil : "\(alpha.numbers.count) values of alpha for \(classes) classes"
  }

  // Sums: V, Σ −α_t(1−p_t)^γ ln p_t.
  func sums(classes: Int) -> Int { 2 }

  func accumulate<T: FloatingScalar>(_ block: SoftmaxBlock<T>, into sums: Rows<T>) {
    let (count, loss) = (sums[0], sums[1])
    let target = TargetClass(block, alpha)
    for i in 0..<SoftmaxBlock<T>.lanes { count[i] += block.valid[i] }
    target.raise(power, to: block.scratch[4])
    let faded = block.scratch[4]
    for i in 0..<SoftmaxBlock<T>.lanes { loss[i] -= target.alpha[i] * faded[i] * target.logP[i] }
  }

  // Factor: 1/V.
  func value(of sums: [Double], classes: Int, channels: Int) -> (loss: Double, factors: [Double]?) {
    sums[0] > 0 ? (sums[1] / sums[0], [1 / sums[0]]) : (0, nil)
  }

  /// dL/dx_c = A(δ_tc − p_c), A = α_t(γ q^(γ−1) p_t ln p_t − q^γ), q = 1 − p_t.
  func differentiate<T: FloatingScalar>(_ block: SoftmaxBlock<T>, factors: [T]) {
    let target = TargetClass(block, alpha)
    block.normalize()
    let (faded, lowered) = (block.scratch[4], block.scratch[5])
    target.raise(power, to: faded)
    target.raise(derivativePower, to: lowered)
    let (scale, gamma) = (factors[0], T(gamma))
    for i in 0..<SoftmaxBlock<T>.lanes {
      let change = gamma == 0 ? 0 : gamma * lowered[i] * target.p[i] * target.logP[i]
      faded[i] = target.alpha[i] * scale * (change - faded[i])
    }
    for c in 0..<block.classes {
      let (p, d, label) = (block.p[c], block.d[c], T(c))
      for i in 0..<SoftmaxBlock<T>.lanes {
        d[i] = faded[i] * (block.target[i] == label ? target.complement[i] : -p[i])
      }
    }
  }
}

/// p_t and ln p_t of each pixel of a block, accurate near 0 and near 1. Uses four rows of the
/// block's scratch memory, and must be created before `normalize()`.
private struct TargetClass<T: FloatingScalar> {
  /// 1 − p_t.
  let complement: Lanes<T>
  let p: Lanes<T>
  let logP: Lanes<T>
  /// α_t; 0 for an ignored pixel.
  let alpha: Lanes<T>

  @inline(__always)
  init(_ block: SoftmaxBlock<T>, _ factors: PerClass) {
    (complement, p) = (block.scratch[0], block.scratch[1])
    (logP, alpha) = (block.scratch[2], block.scratch[3])
    for i in 0..<SoftmaxBlock<T>.lanes {
      complement[i] = 0
      p[i] = 0
      logP[i] = 0
      alpha[i] = 0
    }
    for c in 0..<block.classes {
      let (e, x, label, factor) = (block.p[c], block.x[c], T(c), T(factors[c]))
      for i in 0..<SoftmaxBlock<T>.lanes {
        let hit = block.target[i] == label
        complement[i] += hit ? 0 : e[i]
        p[i] += hit ? e[i] : 0
        logP[i] += hit ? x[i] : 0
        alpha[i] += hit ? factor : 0
      }
    }
    for i in 0..<SoftmaxBlock<T>.lanes {
      // ln p = −ln(1 + complement/p) is accurate near 1, x − ln Σ for a small p.
      let ratio = complement[i] / (p[i] > complement[i] ? p[i] : 1)
      let near = -T.vectorLog1p(ratio < 1 ? ratio : 1)
      logP[i] = p[i] > complement[i] ? near : logP[i] - block.logTotal[i]
      complement[i] /= block.total[i]
      p[i] /= block.total[i]
    }
  }

  /// (1 − p_t)^γ into `result`.
  @inline(__always)
  func raise(_ power: Power, to result: Lanes<T>) {
    switch power {
    case .product(let n):
      for i in 0..<SoftmaxBlock<T>.lanes { result[i] = 1 }
      for _ in 0..<n { for i in 0..<SoftmaxBlock<T>.lanes { result[i] *= complement[i] } }
    case .general:
      for i in 0..<SoftmaxBlock<T>.lanes { result[i] = power(complement[i]) }
    }
  }
}
