import AthanorCore
import AthanorTensor

/// FairGrad: α-fair shares of the improvement between the tasks: GGᵀw = w^{−1/α}, w > 0. α = 1 is
/// Nash-MTL without its bound on the norm; the larger α, the nearer to the best worst case.
///
/// M = Σwᵢgᵢ; the heads get wᵢ∇Lᵢ. A task whose gradient is 0 has weight 1.
///
/// Source: Ban & Ji 2024, eq. 6.
public final class FairGrad: GradientWeighting {
  public struct Options: Codable, Sendable, DefaultInitializable {
    public var alpha = 1.0

    public init() {}
  }

  public static let name = "fairgrad"
  public static let summary = "alpha-fair shares of the improvement"
  public static let source = "Ban & Ji 2024, eq. 6"

  private let options: Options

  public init(_ options: Options) throws {
    try requirePositive(options.alpha, "alpha")
    self.options = options
  }

  /// With the default of each option that is not given.
  public convenience init(alpha: Double = Options().alpha) throws {
    var options = Options()
    options.alpha = alpha
    try self.init(options)
  }

  public func begin(_ tasks: [BalancedTask], _ random: RandomSource) {}

  public func merge(
    _ samples: [TaskGradients], losses: [Double], of tasks: [Int]
  ) -> MergedGradient {
    let weights = fairWeights(samples[0].gram, alpha: options.alpha)
    return MergedGradient(weights, heads: weights)
  }
}
