import AthanorCore
import AthanorKernels

/// Softmax focal loss: cross entropy that fades where the pixel is already right.
///
/// Mean over the valid pixels of −α_t(1−p_t)^γ ln p_t.
///
/// Source: Lin et al. 2017, eq. 5.
public struct FocalLoss: SoftmaxLoss {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// γ ≥ 0: how fast an easy pixel fades; 0 is cross entropy.
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
  private let slope: Power
  private let alpha: PerClass

  public init(_ options: Options) throws {
    try require(
      options.gamma >= 0 && options.gamma.isFinite, "\(Self.name).gamma", "a number from 0",
      options.gamma)
    alpha = options.alpha ?? .uniform(1)
    try requireWeights(alpha.numbers, "\(Self.name).alpha")
    gamma = options.gamma
    power = Power(gamma)
    slope = Power(gamma - 1)
  }

  /// With the default of each option that is not given.
  public init(gamma: Double = Options().gamma, alpha: PerClass? = nil) throws {
    var options = Options()
    options.gamma = gamma
    options.alpha = alpha
    try self.init(options)
  }

  public func misfit(classes: Int) -> String? {
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
    let (faded, steep) = (block.scratch[4], block.scratch[5])
    target.raise(power, to: faded)
    target.raise(slope, to: steep)
    let (scale, gamma) = (factors[0], T(gamma))
    for i in 0..<SoftmaxBlock<T>.lanes {
      let change = gamma == 0 ? 0 : gamma * steep[i] * target.p[i] * target.logP[i]
      faded[i] = target.alpha[i] * scale * (change - faded[i])
    }
    for c in 0..<block.classes {
      let (p, d, label) = (block.p[c], block.d[c], T(c))
      for i in 0..<SoftmaxBlock<T>.lanes {
        d[i] = faded[i] * (block.target[i] == label ? target.rest[i] : -p[i])
      }
    }
  }
}

/// What a block gives for each pixel's target class, accurate at both ends of p. Takes four rows of
/// the block's scratch. Made before `normalize()`.
private struct TargetClass<T: FloatingScalar> {
  /// 1 − p_t.
  let rest: Lanes<T>
  let p: Lanes<T>
  let logP: Lanes<T>
  /// α_t; 0 for an ignored pixel.
  let alpha: Lanes<T>

  @inline(__always)
  init(_ block: SoftmaxBlock<T>, _ factors: PerClass) {
    (rest, p) = (block.scratch[0], block.scratch[1])
    (logP, alpha) = (block.scratch[2], block.scratch[3])
    for i in 0..<SoftmaxBlock<T>.lanes {
      rest[i] = 0
      p[i] = 0
      logP[i] = 0
      alpha[i] = 0
    }
    for c in 0..<block.classes {
      let (e, x, label, factor) = (block.p[c], block.x[c], T(c), T(factors[c]))
      for i in 0..<SoftmaxBlock<T>.lanes {
        let hit = block.target[i] == label
        rest[i] += hit ? 0 : e[i]
        p[i] += hit ? e[i] : 0
        logP[i] += hit ? x[i] : 0
        alpha[i] += hit ? factor : 0
      }
    }
    for i in 0..<SoftmaxBlock<T>.lanes {
      // ln p = −ln(1 + rest/p) keeps a p near 1, x − ln Σ keeps a small one.
      let ratio = rest[i] / (p[i] > rest[i] ? p[i] : 1)
      let near = -T.vectorLog1p(ratio < 1 ? ratio : 1)
      logP[i] = p[i] > rest[i] ? near : logP[i] - block.logTotal[i]
      rest[i] /= block.total[i]
      p[i] /= block.total[i]
    }
  }

  /// (1 − p_t)^γ into `result`.
  @inline(__always)
  func raise(_ power: Power, to result: Lanes<T>) {
    switch power {
    case .product(let n):
      for i in 0..<SoftmaxBlock<T>.lanes { result[i] = 1 }
      for _ in 0..<n { for i in 0..<SoftmaxBlock<T>.lanes { result[i] *= rest[i] } }
    case .general:
      for i in 0..<SoftmaxBlock<T>.lanes { result[i] = power(rest[i]) }
    }
  }
}
