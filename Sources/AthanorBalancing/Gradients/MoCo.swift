import AthanorCore
import AthanorKernels
import AthanorTensor

/// MoCo: tracked gradients, so that their min-norm weights are not biased by the batches' noise.
///
/// gᵢ ← gᵢLᵢ/(‖gᵢ‖ + 1e-8); y ← y − (β/t^{σ_β})(y − g), from 0;
/// λ ← softmax(λ − (γ/t^{σ_γ})(yyᵀ + ρI)λ), from 1/T; M = yᵀλ. t counts the method's steps.
///
/// Range: λ sums to 1.
/// Source: Fernando et al. 2023, algorithm 1.
public final class MoCo: GradientWeighting {
  public struct Options: Codable, Sendable, DefaultInitializable {
    public var beta = 0.5
    public var betaSigma = 0.5
    public var gamma = 0.1
    public var gammaSigma = 0.5
    public var rho = 0.0

    public init() {}

    private enum CodingKeys: String, CodingKey {
      case beta
      case betaSigma = "beta_sigma"
      case gamma
      case gammaSigma = "gamma_sigma"
      case rho
    }
  }

  public static let name = "moco"
  public static let summary = "min-norm weights of tracked gradients"
  public static let source = "Fernando et al. 2023, algorithm 1"
  public static var scale: WeightingScale { .average }

  public static var perParameterState: [String] { ["tracked"] }

  private let options: Options
  private var tracked = TaskTensors()
  private var lambda: [Double] = []
  private var step = 0.0

  public init(_ options: Options) throws {
    for (key, value) in [
      ("beta", options.beta), ("beta_sigma", options.betaSigma), ("gamma", options.gamma),
      ("gamma_sigma", options.gammaSigma), ("rho", options.rho),
    ] { try requireNotNegative(value, key) }
    self.options = options
  }

  /// With the default of each option that is not given.
  public convenience init(
    beta: Double = Options().beta, betaSigma: Double = Options().betaSigma,
    gamma: Double = Options().gamma, gammaSigma: Double = Options().gammaSigma,
    rho: Double = Options().rho
  ) throws {
    var options = Options()
    options.beta = beta
    options.betaSigma = betaSigma
    options.gamma = gamma
    options.gammaSigma = gammaSigma
    options.rho = rho
    try self.init(options)
  }

  public func begin(_ tasks: [BalancedTask], _ random: RandomSource) {
    tracked = TaskTensors(tasks: tasks.count)
    step = 0
    lambda = tasks.map { _ in 1 / Double(tasks.count) }
  }

  public func merge(
    _ samples: [TaskGradients], losses: [Double], of tasks: [Int]
  ) -> MergedGradient {
    step += 1
    let norms = samples[0].norms
    let share = options.beta / .pow(step, options.betaSigma)
    for (k, i) in tasks.enumerated() {
      tracked.move(
        i, keeping: 1 - share, adding: share * losses[k] / (norms[k] + 1e-8), samples[0].rows[k])
    }
    let gradients = TaskGradients(tasks.map { tracked.rows[$0] }, shapes: samples[0].shapes)
    let current = tasks.map { lambda[$0] }
    let rate = options.gamma / .pow(step, options.gammaSigma)
    let gradient = zip(times(gradients.gram, current), current).map { $0 + options.rho * $1 }
    let next = softmax(zip(current, gradient).map { $0 - rate * $1 })
    for (i, value) in zip(tasks, next) { lambda[i] = value }
    return MergedGradient(parameters: gradients.combination(next), heads: tasks.map { _ in 1 })
  }

  public func range(ofState entry: String, after updates: Int) -> StateRange {
    switch entry {
    case "step": .count(upTo: updates)
    case "lambda": .notNegative
    default: .finite
    }
  }

  public var state: [String: Tensor] {
    get {
      tracked.state(named: "tracked")
        .merging(["lambda": Tensor(lambda), "step": Tensor([step])]) { $1 }
    }
    set {
      lambda.restore(newValue["lambda"])
      step = newValue["step"]?.scalar ?? step
      tracked.restore(newValue, named: "tracked")
    }
  }
}
