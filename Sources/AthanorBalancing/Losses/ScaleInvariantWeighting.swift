import AthanorCore
import AthanorKernels
import AthanorTensor

/// The total Σ ln Lᵢ, which a factor on a loss only shifts: wᵢ = 1/Lᵢ. Losses are clamped to at
/// least 1e-20.
public final class ScaleInvariantWeighting: LossWeighting {
  public static let name = "scale_invariant"
  public static let summary = "the sum of the losses' logarithms"
  public static let source = "–"

  public init(_ options: NoOptions = NoOptions()) {}
  public func begin(_ tasks: [BalancedTask], _ random: RandomSource) {}

  public func weights(_ losses: [Double], of tasks: [Int]) -> [Double] {
    losses.map { 1 / max($0, smallestLoss) }
  }

  public func regularizer(_ losses: [Double], of tasks: [Int]) -> Double {
    losses.reduce(0) { sum, loss in
      let positive = max(loss, smallestLoss)
      return sum + Double.log(positive) - loss / positive
    }
  }
}
