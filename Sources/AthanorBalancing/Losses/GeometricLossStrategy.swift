import AthanorCore
import AthanorKernels
import AthanorTensor

/// Geometric Loss Strategy: the total is the geometric mean (ΠLᵢ)^{1/T}, whatever the
/// losses' scales.
///
/// wᵢ = (ΠL)^{1/T}/(T·Lᵢ), its derivative; Σ wᵢLᵢ is the total itself. Losses are
/// clamped to at least 1e-20.
///
/// Source: Chennupati et al. 2019, eq. 3.
public final class GeometricLossStrategy: LossWeighting {
  public static let name = "gls"
  public static let summary = "the geometric mean of the losses"
  public static let source = "Chennupati et al. 2019, eq. 3"
  public static var scale: WeightingScale { .average }

  public init(_ options: NoOptions = NoOptions()) {}
  public func begin(_ tasks: [BalancedTask], _ random: RandomSource) {}

  public func weights(_ losses: [Double], of tasks: [Int]) -> [Double] {
    let positive = losses.map { max($0, smallestLoss) }
    let total = Double.exp(mean(positive.map { Double.log($0) }))
    return positive.map { total / (Double(tasks.count) * $0) }
  }
}
