import AthanorCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// One minus the Tversky index of probabilities: α weighs false positives, β false negatives; γ
/// focuses on classes that fit badly.
///
/// mean_c[(1 − (I+s)/max(I+α·FP+β·FN+s, ε))^γ], 0 where the class is absent from the target.
/// α = β = ½, γ = 1 is Dice.
///
/// Source: Salehi et al. 2017; Abraham & Khan 2019 for γ, whose exponent is 1/γ of theirs.
public struct TverskyLoss: RegionLoss {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// α: the weight of false positives.
    public var alpha = 0.3
    /// β: the weight of false negatives.
    public var beta = 0.7
    public var gamma = 1.0
    /// s: added to numerator and denominator.
    public var smooth = 0.0
    /// ε: the smallest denominator.
    public var epsilon = 1e-7

    public init() {}
  }

  public static let name = "tversky"
  public static let summary =
    "1 - Tversky index: alpha weighs false positives, beta false negatives"
  public static let source = "Salehi et al. 2017; Abraham & Khan 2019"

  private let options: Options

  public init(_ options: Options) throws {
    try requireRegion(Self.name, smooth: options.smooth, epsilon: options.epsilon)
    for (key, value) in [("alpha", options.alpha), ("beta", options.beta)] {
      try require(value >= 0 && value.isFinite, "\(Self.name).\(key)", "a number from 0", value)
    }
    try require(
      options.gamma > 0 && options.gamma.isFinite, "\(Self.name).gamma", "a positive number",
      options.gamma)
    self.options = options
  }

  /// With the default of each option that is not given.
  public init(
    alpha: Double = Options().alpha, beta: Double = Options().beta, gamma: Double = Options().gamma,
    smooth: Double = Options().smooth, epsilon: Double = Options().epsilon
  ) throws {
    var options = Options()
    options.alpha = alpha
    options.beta = beta
    options.gamma = gamma
    options.smooth = smooth
    options.epsilon = epsilon
    try self.init(options)
  }

  func value(of regions: [Region]) -> (loss: Double, derivatives: [Region.Derivatives]) {
    let (alpha, beta, gamma) = (options.alpha, options.beta, options.gamma)
    return regions.mean { region in
      let top = region.intersection + options.smooth
      let whole =
        region.intersection + alpha * (region.predicted - region.intersection)
        + beta * (region.truth - region.intersection) + options.smooth
      let bottom = max(whole, options.epsilon)
      let change = whole >= options.epsilon ? top / (bottom * bottom) : 0
      let error = max(0, 1 - top / bottom)
      // With γ < 1 the derivative is infinite at a perfect fit: it is taken as 0 there.
      let outer = gamma == 1 ? 1 : error > 0 ? gamma * pow(error, gamma - 1) : 0
      return (
        gamma == 1 ? 1 - top / bottom : pow(error, gamma),
        .init(
          intersection: outer * (change * (1 - alpha - beta) - 1 / bottom),
          predicted: outer * change * alpha)
      )
    }
  }
}
