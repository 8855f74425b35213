import AthanorCore
import AthanorKernels
import AthanorTensor

/// Conflict-Averse Gradient: within a ball around the mean gradient, the direction that improves
/// the worst task most.
///
/// A = GGᵀ, c' = c√(mean A + 1e-8) + 1e-8; w minimises wᵀA·1/T + c'√(wᵀAw + 1e-8) over the simplex;
/// M = (mean g + c'·g_w/(‖g_w‖ + 1e-8))/(1 + c²), g_w = Σwᵢgᵢ.
///
/// Range: the weights are the coefficients of M, (1/T + λwᵢ)/(1 + c²).
/// Source: Liu et al. 2021 (CAGrad), algorithm 1.
public final class CAGrad: GradientWeighting {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// The radius of the ball, relative to the mean gradient.
    public var c = 0.5

    public init() {}
  }

  public static let name = "cagrad"
  public static let summary = "the best worst-case improvement near the mean gradient"
  public static let source = "Liu et al. 2021, algorithm 1"
  public static var scale: WeightingScale { .average }

  private let options: Options

  public init(_ options: Options) throws {
    try requireNotNegative(options.c, "c")
    self.options = options
  }

  /// With the default of each option that is not given.
  public convenience init(c: Double = Options().c) throws {
    var options = Options()
    options.c = c
    try self.init(options)
  }

  public func begin(_ tasks: [BalancedTask], _ random: RandomSource) {}

  public func merge(
    _ samples: [TaskGradients], losses: [Double], of tasks: [Int]
  ) -> MergedGradient {
    let (gram, count) = (samples[0].gram, Double(tasks.count))
    let linear = gram.map { mean($0) }
    let radius = options.c * (max(mean(linear), 0) + 1e-8).squareRoot() + 1e-8
    let w = simplexMinimum(gram, linear, radius)
    let length = max(dot(w, times(gram, w)), 0).squareRoot()
    let factor = radius / (length + 1e-8)
    let shrink = 1 + options.c * options.c
    return MergedGradient(w.map { (1 / count + factor * $0) / shrink })
  }
}
