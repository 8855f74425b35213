import AthanorCore
import AthanorTensor

/// Projecting Conflicting Gradients: the part of each task's gradient that opposes another's
/// is removed.
///
/// For each i, the other j in random order: if pᵢ·gⱼ < 0, pᵢ −= (pᵢ·gⱼ)gⱼ/(‖gⱼ‖² + 1e-8); M = Σpᵢ.
/// Every pᵢ is a combination of the gᵢ, so that GGᵀ is all that is needed.
///
/// Source: Yu et al. 2020, algorithm 1.
public final class PCGrad: GradientWeighting {
  public static let name = "pcgrad"
  public static let summary = "gradients projected off those they conflict with"
  public static let source = "Yu et al. 2020, algorithm 1"

  private var random = RandomSource(seed: 0)
  private var count = 0

  public init(_ options: NoOptions = NoOptions()) {}

  public func begin(_ tasks: [BalancedTask], _ random: RandomSource) {
    self.random = random
    count = tasks.count
  }

  public func merge(
    _ samples: [TaskGradients], losses: [Double], of tasks: [Int]
  ) -> MergedGradient {
    let gram = samples[0].gram
    let weights = pairwiseAdjustedSum(tasks, of: count, random) { p, j, _, _ in
      let product = dot(p, gram[j])
      if product < 0 { p[j] -= product / (gram[j][j] + 1e-8) }
    }
    return MergedGradient(weights)
  }
}
