import AthanorCore
import AthanorTensor

/// UPGrad: each task's gradient projected onto the cone where no loss rises, then their mean.
///
/// K = GGᵀ/tr (0 where tr < 1e-4) + 1e-4·I; vᵢ = argmin vᵀKv with v ≥ eᵢ/T; the weights are Σᵢvᵢ.
///
/// Source: Quinton & Rey 2024, section 4.
public final class UPGrad: GradientWeighting {
  public static let name = "upgrad"
  public static let summary = "the mean of gradients projected into the dual cone"
  public static let source = "Quinton & Rey 2024"
  public static var scale: WeightingScale { .average }

  public init(_ options: NoOptions = NoOptions()) {}
  public func begin(_ tasks: [BalancedTask], _ random: RandomSource) {}

  public func merge(
    _ samples: [TaskGradients], losses: [Double], of tasks: [Int]
  ) -> MergedGradient {
    let gram = samples[0].gram
    let trace = gram.indices.reduce(0) { $0 + gram[$1][$1] }
    let k = gram.indices.map { i in
      gram.indices.map { j in
        (trace < 1e-4 ? 0 : gram[i][j] / trace) + (i == j ? 1e-4 : 0)
      }
    }
    let share = 1 / Double(tasks.count)
    var weights = tasks.map { _ in 0.0 }
    for i in tasks.indices {
      let projected = boundedMinimum(k, atLeast: tasks.indices.map { $0 == i ? share : 0 })
      for j in weights.indices { weights[j] += projected[j] }
    }
    return MergedGradient(weights)
  }
}
