import AthanorCore
import AthanorKernels
import AthanorTensor

/// Aligned-MTL: the gradients made orthogonal and of equal length, that of their smallest
/// component.
///
/// GGᵀ = VΛVᵀ with the eigenvalues above λ_max·T·1.19e-7; α = √λ_min·VΛ^{−½}Vᵀ·1; M = Σαᵢgᵢ.
///
/// Source: Senushkin et al. 2023, algorithm 1.
public final class AlignedMTL: GradientWeighting {
  public static let name = "aligned_mtl"
  public static let summary = "gradients aligned to equal, orthogonal components"
  public static let source = "Senushkin et al. 2023, algorithm 1"

  public init(_ options: NoOptions = NoOptions()) {}
  public func begin(_ tasks: [BalancedTask], _ random: RandomSource) {}

  public func merge(
    _ samples: [TaskGradients], losses: [Double], of tasks: [Int]
  ) -> MergedGradient {
    let (values, vectors) = LinearAlgebra.symmetricEigen(samples[0].gram)
    let threshold = (values.last ?? 0) * Double(tasks.count) * 1.19e-7
    let significant = values.indices.filter { values[$0] > threshold }
    guard let smallest = significant.first.map({ values[$0] }) else {
      return MergedGradient(tasks.map { _ in 1 })
    }
    var weights = tasks.map { _ in 0.0 }
    for k in significant {
      let share = vectors[k].reduce(0, +) * (smallest / values[k]).squareRoot()
      for i in weights.indices { weights[i] += share * vectors[k][i] }
    }
    return MergedGradient(weights)
  }
}
