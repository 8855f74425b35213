import AthanorCore
import AthanorTensor

/// Random Loss Weighting: w = softmax(N(0, I)), drawn for each step.
///
/// Range: the weights sum to 1.
/// Source: Lin et al. 2022, section 3.1.
public final class RandomLossWeighting: LossWeighting {
  public static let name = "rlw"
  public static let summary = "random weights, new each step: a baseline"
  public static let source = "Lin et al. 2022"
  public static var scale: WeightingScale { .average }

  private var random = RandomSource(seed: 0)
  private var count = 0

  public init(_ options: NoOptions = NoOptions()) {}

  public func begin(_ tasks: [BalancedTask], _ random: RandomSource) {
    self.random = random
    count = tasks.count
  }

  public func weights(_ losses: [Double], of tasks: [Int]) -> [Double] {
    let normals = random.normals(count)
    return softmax(tasks.map { normals[$0] })
  }
}
