import AthanorCore
import AthanorTensor

/// Projecting Conflicting Gradients: of each task's gradient, the part that works against another's is
/// taken away.
///
/// For each i, the other j in random order: if pᵢ·gⱼ < 0, pᵢ −= (pᵢ·gⱼ)gⱼ/(‖gⱼ‖² + 1e-8); M = Σpᵢ. Every pᵢ
/// stays a combination of the gᵢ, so all is done on GGᵀ.
///
/// Source: Yu et al. 2020, algorithm 1.
public final class PCGrad: GradientWeighting {
  public static let name = "pcgrad"
  public static let summary = "gradients projected off those they conflict with"
  public static let source = "Yu et al. 2020, algorithm 1"

  private var noise = Noise(seed: 0)
  private var count = 0

  public init(_ options: NoOptions = NoOptions()) {}

  public func begin(_ tasks: [BalancedTask], _ noise: Noise) {
    self.noise = noise
    count = tasks.count
  }

  public func merge(
    _ samples: [TaskGradients], losses: [Double], of tasks: [Int]
  ) -> MergedGradient {
    let gram = samples[0].gram
    let weights = sumOfTurned(tasks, of: count, noise) { p, j, _, _ in
      let product = dot(p, gram[j])
      if product < 0 { p[j] -= product / (gram[j][j] + 1e-8) }
    }
    return MergedGradient(weights)
  }
}
