import AthanorCore
import AthanorKernels
import AthanorTensor

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Powers of the logarithm of Dice, for small structures, and of cross entropy, for hard pixels.
///
/// w_d·mean_c[ℓ(Dice_c)^γd] + w_c·mean_V[u_t·ℓ(p_t)^γc], ℓ(x) = max(−ln x, 1e-7) with a gradient of
/// 0 below; Dice_c = (2I+1)/(Σp+Σg+1), mean over all C; u_l = (Σ_k f_k / f_l)^½ for f_l > 0, f the
/// class frequencies.
///
/// Source: Wong et al. 2018, eq. 1 to 4.
public struct ExponentialLogarithmicLoss: RegionLoss {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// w_d.
    public var diceWeight = 0.8
    /// w_c.
    public var crossWeight = 0.2
    /// γd.
    public var gammaDice = 0.3
    /// γc.
    public var gammaCross = 0.3
    /// f: the frequency of each class. By default that in the training masks, or outside of
    /// training that in each batch.
    public var frequencies: [Double]?

    public init() {}

    private enum CodingKeys: String, CodingKey {
      case diceWeight = "dice_weight"
      case crossWeight = "cross_weight"
      case gammaDice = "gamma_dice"
      case gammaCross = "gamma_cross"
      case frequencies
    }
  }

  public static let name = "exponential_logarithmic"
  public static let summary = "(-ln Dice)^gamma plus weighted (-ln p)^gamma"
  public static let source = "Wong et al. 2018"

  private let options: Options
  /// u.
  private var weights: [Double]?
  private let power: Power
  private let derivativePower: Power

  public init(_ options: Options) throws {
    for (key, value) in [
      ("dice_weight", options.diceWeight), ("cross_weight", options.crossWeight),
    ] { try require(value >= 0 && value.isFinite, "\(Self.name).\(key)", "a number from 0", value) }
    for (key, value) in [
      ("gamma_dice", options.gammaDice), ("gamma_cross", options.gammaCross),
    ] {
      try require(
        value > 0 && value <= 3, "\(Self.name).\(key)", "a number above 0, at most 3", value)
    }
    try requireWeights(options.frequencies, "\(Self.name).frequencies")
    self.options = options
    power = Power(options.gammaCross)
    derivativePower = Power(options.gammaCross - 1)
    weights = options.frequencies.map(Self.weights)
  }

  /// With the default of each option that is not given.
  public init(
    diceWeight: Double = Options().diceWeight, crossWeight: Double = Options().crossWeight,
    gammaDice: Double = Options().gammaDice, gammaCross: Double = Options().gammaCross,
    frequencies: [Double]? = nil
  ) throws {
    var options = Options()
    options.diceWeight = diceWeight
    options.crossWeight = crossWeight
    options.gammaDice = gammaDice
    options.gammaCross = gammaCross
    options.frequencies = frequencies
    try self.init(options)
  }

  private static func weights(_ frequencies: [Double]) -> [Double] {
    let total = frequencies.reduce(0, +)
    return frequencies.map { $0 > 0 ? (total / $0).squareRoot() : 0 }
  }

  public func incompatibility(classes: Int) -> String? {
    (weights.map { $0.count == classes } ?? true)
      ? nil : "\(weights!.count) frequencies for \(classes) classes"
  }

  public var needsFrequencies: Bool { weights == nil }

  public func fitted(to frequencies: ClassFrequencies) -> ExponentialLogarithmicLoss {
    guard needsFrequencies else { return self }
    var loss = self
    loss.weights = Self.weights(frequencies.pixels)
    return loss
  }

  /// The least −ln x.
  private static var floor: Double { 1e-7 }

  func value(of regions: [Region]) -> (loss: Double, derivatives: [Region.Derivatives]) {
    let share = options.diceWeight / Double(regions.count)
    var (loss, derivatives) = (0.0, [Region.Derivatives]())
    for region in regions {
      let (top, bottom) = (2 * region.intersection + 1, region.predicted + region.truth + 1)
      let size = -log(top / bottom)
      loss += share * pow(max(size, Self.floor), options.gammaDice)
      let derivative =
        size > Self.floor
        ? share * options.gammaDice * pow(size, options.gammaDice - 1) : 0
      derivatives.append(.init(intersection: -2 * derivative / top, predicted: derivative / bottom))
    }
    return (loss, derivatives)
  }

  // Sums: those of the regions, then V and Σ u_t ℓ(p_t)^γc.
  func sums(classes: Int) -> Int { 3 * classes + 2 }

  func accumulate<T: FloatingScalar>(_ block: SoftmaxBlock<T>, into sums: Rows<T>) {
    let (count, cross) = (sums[3 * block.classes], sums[3 * block.classes + 1])
    let (weight, size) = loadTarget(block)
    for i in 0..<SoftmaxBlock<T>.lanes {
      count[i] += block.valid[i]
      cross[i] += weight[i] * raised(size[i], power, T(options.gammaCross))
    }
    block.normalize()
    addRegions(block, into: sums)
  }

  // Factors: those of the regions, then w_c/V.
  func value(of sums: [Double], classes: Int, channels: Int) -> (loss: Double, factors: [Double]?) {
    let valid = sums[3 * classes]
    guard valid > 0 else { return (0, nil) }
    let (dice, factors) = regionValue(of: sums, classes: classes, channels: channels)
    let scale = options.crossWeight / valid
    return (dice + scale * sums[3 * classes + 1], factors + [scale])
  }

  func differentiate<T: FloatingScalar>(_ block: SoftmaxBlock<T>, factors: [T]) {
    let (weight, size) = loadTarget(block)
    block.normalize()
    for c in 0..<block.classes {
      let (d, label) = (block.d[c], T(c))
      let (hit, all) = (factors[2 * c], factors[2 * c + 1])
      for i in 0..<SoftmaxBlock<T>.lanes {
        d[i] = block.valid[i] * ((block.target[i] == label ? hit : 0) + all)
      }
    }
    block.backpropagateSoftmax()
    // d ℓ^γ = γ ℓ^(γ−1)·(p_c − δ_tc), 0 where ℓ is at its floor.
    let derivative = block.scratch[2]
    let (scale, gamma) = (factors[2 * block.classes], T(options.gammaCross))
    for i in 0..<SoftmaxBlock<T>.lanes {
      let lowered = raised(size[i], derivativePower, gamma - 1)
      derivative[i] = size[i] > T(Self.floor) ? scale * gamma * weight[i] * lowered : 0
    }
    for c in 0..<block.classes {
      let (p, d, label) = (block.p[c], block.d[c], T(c))
      for i in 0..<SoftmaxBlock<T>.lanes {
        d[i] += derivative[i] * (block.target[i] == label ? p[i] - 1 : p[i])
      }
    }
  }

  /// ℓ^γ; ℓ may be above 1, unlike the probabilities that `Power` is made for.
  @inline(__always)
  private func raised<T: FloatingScalar>(_ size: T, _ power: Power, _ exponent: T) -> T {
    let low = size > T(Self.floor) ? size : T(Self.floor)
    // Its third power is finite in float32.
    let x = low < 1e12 ? low : 1e12
    if case .product = power { return power(x) }
    return T.vectorExp(exponent * T.vectorLog(x))
  }

  /// u_t and −ln p_t of each pixel; 0 where ignored. Before `normalize()`.
  @inline(__always)
  private func loadTarget<T: FloatingScalar>(
    _ block: SoftmaxBlock<T>
  ) -> (weight: Lanes<T>, size: Lanes<T>) {
    let (weight, size) = (block.scratch[0], block.scratch[1])
    let (complement, hit) = (block.scratch[3], block.scratch[4])
    for i in 0..<SoftmaxBlock<T>.lanes {
      weight[i] = 0
      size[i] = 0
      complement[i] = 0
      hit[i] = 0
    }
    for c in 0..<block.classes {
      let (e, x, u, label) = (block.p[c], block.x[c], T(weights![c]), T(c))
      for i in 0..<SoftmaxBlock<T>.lanes {
        let isHit = block.target[i] == label
        weight[i] += isHit ? u : 0
        size[i] += isHit ? x[i] : 0
        hit[i] += isHit ? e[i] : 0
        complement[i] += isHit ? 0 : e[i]
      }
    }
    for i in 0..<SoftmaxBlock<T>.lanes {
      // −ln p = ln(1 + complement/p) is accurate near 1.
      let ratio = complement[i] / (hit[i] > complement[i] ? hit[i] : 1)
      let near = T.vectorLog1p(ratio < 1 ? ratio : 1)
      size[i] = hit[i] > complement[i] ? near : block.valid[i] * (block.logTotal[i] - size[i])
    }
    return (weight, size)
  }
}
