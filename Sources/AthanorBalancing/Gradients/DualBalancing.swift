import AthanorCore
import AthanorKernels
import AthanorTensor

/// Dual-Balancing: losses by their logarithm, and smoothed gradients brought to the largest one's norm.
///
/// gᵢ = ∇ln(Lᵢ + 1e-8); bᵢ ← gᵢ + (β/t^σ)(bᵢ − gᵢ), from 0, t the method's steps; M = Σ bᵢ·max‖b‖/(‖bᵢ‖ + 1e-8);
/// the heads get ∇ln(Lᵢ + 1e-8).
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

  private let options: Options
  private var smoothed: [Tensor?] = []
  private var step = 0.0

  public init(_ options: Options) throws {
    try requireNotNegative(options.beta, "beta")
    try requireNotNegative(options.betaSigma, "beta_sigma")
    self.options = options
  }

  public func begin(_ tasks: [Task], _ noise: Noise) {
    smoothed = tasks.map { _ in nil }
    step = 0
  }

  public func merge(
    _ samples: [TaskGradients], losses: [Double], of tasks: [Int]
  ) -> MergedGradient {
    step += 1
    let share = options.beta / .pow(step, options.betaSigma)
    let inverse = losses.map { 1 / ($0 + 1e-8) }
    for (k, i) in tasks.enumerated() {
      let gradient = samples[0].vector(k)
      smoothed[i] =
        smoothed[i].map { .combination([(1 - share) * inverse[k], share], [gradient, $0]) }
        ?? gradient * ((1 - share) * inverse[k])
    }
    let rows = tasks.map { smoothed[$0]! }
    let norms = rows.map { $0.dot($0).squareRoot() }
    let largest = norms.max() ?? 0
    return MergedGradient(
      vector: .combination(norms.map { largest / ($0 + 1e-8) }, rows), heads: inverse)
  }

  public var state: [String: Tensor] {
    get {
      var state = ["step": Tensor([step])]
      for (i, vector) in smoothed.enumerated() { state["smoothed.\(i)"] = vector }
      return state
    }
    set {
      step = newValue["step"]?.scalar ?? step
      for i in smoothed.indices { smoothed[i] = newValue["smoothed.\(i)"] }
    }
  }
}
