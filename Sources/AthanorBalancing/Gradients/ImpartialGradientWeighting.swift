import AthanorCore
import AthanorKernels
import AthanorTensor

/// IMTL-G: the combination whose projections on all the tasks' unit gradients are equal.
///
/// α_{2…T} = g₁Uᵀ(DUᵀ)⁻¹ with the rows Dᵢ = g₁ − gᵢ, Uᵢ = u₁ − uᵢ, u = g/‖g‖; α₁ = 1 − Σ. For two
/// tasks α₁ = ‖g₂‖/(‖g₁‖ + ‖g₂‖). Where the gradients are parallel, αᵢ ∝ 1/‖gᵢ‖.
///
/// Range: the weights sum to 1; they may be negative.
/// Source: Liu et al. 2021 (IMTL), eq. 6.
public final class ImpartialGradientWeighting: GradientWeighting {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// Where the gradients are taken: the paper's are those on the shared features.
    public var on = GradientSite.parameters

    public init() {}
  }

  public static let name = "imtl_g"
  public static let summary = "equal projections on every task's unit gradient"
  public static let source = "Liu et al. 2021, eq. 6"
  public static var scale: WeightingScale { .average }
  public var usesFeatures: Bool { options.on == .features }

  private let options: Options

  public init(_ options: Options) { self.options = options }

  /// With the default of each option that is not given.
  public convenience init(on: GradientSite = Options().on) {
    var options = Options()
    options.on = on
    self.init(options)
  }
  public func begin(_ tasks: [BalancedTask], _ random: RandomSource) {}

  public func merge(
    _ samples: [TaskGradients], losses: [Double], of tasks: [Int]
  ) -> MergedGradient { MergedGradient(impartialWeights(samples[0].gram)) }
}

/// α of gradients whose products are `a`.
func impartialWeights(_ a: [[Double]]) -> [Double] {
  let norms = a.indices.map { a[$0][$0].squareRoot() }
  guard a.count > 2 else {
    let sum = norms[0] + norms[1]
    return sum > 0 ? [norms[1] / sum, norms[0] / sum] : [0.5, 0.5]
  }
  /// gᵢ·uⱼ, 0 where gⱼ is.
  func onUnit(_ i: Int, _ j: Int) -> Double { norms[j] > 0 ? a[i][j] / norms[j] : 0 }
  let others = Array(1..<a.count)
  // αDUᵀ = g₁Uᵀ, its transpose in rows.
  let matrix = others.map { j in
    others.map { i in onUnit(0, 0) - onUnit(0, j) - onUnit(i, 0) + onUnit(i, j) }
  }
  // For parallel gradients it consists of rounding errors alone.
  let isParallel = matrix.joined().allSatisfy { abs($0) <= 1e-12 * (norms.max() ?? 0) }
  if !isParallel,
    let alpha = LinearAlgebra.solve(matrix, others.map { onUnit(0, 0) - onUnit(0, $0) })
  {
    return [1 - alpha.reduce(0, +)] + alpha
  }
  let inverse = norms.map { 1 / max($0, smallestLoss) }
  let sum = inverse.reduce(0, +)
  return inverse.map { $0 / sum }
}
