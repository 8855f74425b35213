import AthanorCore
import AthanorKernels
import AthanorTensor

/// Dual-Balancing: logarithms of the losses, and smoothed gradients scaled to the norm of
/// the largest.
///
/// gᵢ = ∇ln(Lᵢ + 1e-8); bᵢ ← gᵢ + (β/t^σ)(bᵢ − gᵢ), from 0, t the method's steps;
/// M = Σ bᵢ·max‖b‖/(‖bᵢ‖ + 1e-8); the heads get ∇ln(Lᵢ + 1e-8).
///
/// Source: Lin et al. 2023 (DB-MTL), algorithm 1.
public final class DualBalancing: GradientWeighting {
  public struct Options: Codable, Sendable, DefaultInitializable {
    public var beta = 0.9
    /// σ: how fast the smoothing fades.
    public var betaSigma = 0.0

    public init() {}

    private enum CodingKeys: String, CodingKey {
      case beta
      case betaSigma = "beta_sigma"
    }
  }

  public static let name = "db_mtl"
  public static let summary = "log losses and smoothed gradients of equal norm"
  public static let source = "Lin et al. 2023, algorithm 1"

  public static var perParameterState: [String] { ["smoothed"] }

  private let options: Options
  private var smoothed = TaskTensors()
  private var step = 0.0

  public init(_ options: Options) throws {
    try requireNotNegative(options.beta, "beta")
    try requireNotNegative(options.betaSigma, "beta_sigma")
    self.options = options
  }

  /// With the default of each option that is not given.
  public convenience init(
    beta: Double = Options().beta, betaSigma: Double = Options().betaSigma
  ) throws {
    var options = Options()
    options.beta = beta
    options.betaSigma = betaSigma
    try self.init(options)
  }

  public func begin(_ tasks: [BalancedTask], _ random: RandomSource) {
    smoothed = TaskTensors(tasks: tasks.count)
    step = 0
  }

  public func merge(
    _ samples: [TaskGradients], losses: [Double], of tasks: [Int]
  ) -> MergedGradient {
    step += 1
    let share = options.beta / .pow(step, options.betaSigma)
    let inverse = losses.map { 1 / ($0 + 1e-8) }
    for (k, i) in tasks.enumerated() {
      smoothed.move(i, keeping: share, adding: (1 - share) * inverse[k], samples[0].rows[k])
    }
    let gradients = TaskGradients(tasks.map { smoothed.rows[$0] }, shapes: samples[0].shapes)
    let largest = gradients.norms.max() ?? 0
    return MergedGradient(
      parameters: gradients.combination(gradients.norms.map { largest / ($0 + 1e-8) }),
      heads: inverse)
  }

  public func range(ofState entry: String, after updates: Int) -> StateRange {
    switch entry {
    case "step": .count(upTo: updates)
    default: .finite
    }
  }

  public var state: [String: Tensor] {
    get { smoothed.state(named: "smoothed").merging(["step": Tensor([step])]) { $1 } }
    set {
      step = newValue["step"]?.scalar ?? step
      smoothed.restore(newValue, named: "smoothed")
    }
  }
}
