import AthanorCore
import AthanorTensor

/// MoDo: min-norm weights from two independent batches, whose product is unbiased, applied to
/// a third.
///
/// λ ← Π(λ − γ(G₁G₂ᵀλ + ρλ)), Π the projection onto the simplex, from 1/T; M = λᵀG₃. An update
/// takes three batches; the heads get the mean of ∇Lᵢ over them. λ is unchanged for a task that is
/// missing from one of the batches.
///
/// Range: λ sums to 1.
/// Source: Chen et al. 2023 (MoDo), algorithm 1.
public final class MoDo: GradientWeighting {
  public struct Options: Codable, Sendable, DefaultInitializable {
    public var gamma = 1e-3
    public var rho = 0.1

    public init() {}
  }

  public static let name = "modo"
  public static let summary = "unbiased min-norm weights from three batches a step"
  public static let source = "Chen et al. 2023, algorithm 1"
  public static var scale: WeightingScale { .average }
  public var samples: Int { 3 }
  public var mergedSample: Int { 2 }

  private let options: Options
  private var lambda: [Double] = []

  public init(_ options: Options) throws {
    try requireNotNegative(options.gamma, "gamma")
    try requireNotNegative(options.rho, "rho")
    self.options = options
  }

  /// With the default of each option that is not given.
  public convenience init(gamma: Double = Options().gamma, rho: Double = Options().rho) throws {
    var options = Options()
    options.gamma = gamma
    options.rho = rho
    try self.init(options)
  }

  public func begin(_ tasks: [BalancedTask], _ random: RandomSource) {
    lambda = tasks.map { _ in 1 / Double(tasks.count) }
  }

  public func merge(
    _ samples: [TaskGradients], losses: [Double], of tasks: [Int]
  ) -> MergedGradient {
    let moving = TaskGradients.inAll(samples)
    if moving.count > 1 {
      let products = samples[0].products(with: samples[1])
      let current = moving.map { lambda[tasks[$0]] }
      let gradient = times(moving.map { i in moving.map { products[i][$0] } }, current)
      let next = projectedOntoSimplex(
        zip(current, gradient).map { $0 - options.gamma * ($1 + options.rho * $0) })
      for (k, value) in zip(moving, next) { lambda[tasks[k]] = value }
    }
    return MergedGradient(shares(tasks.map { lambda[$0] }), ofSample: mergedSample)
  }

  public func range(ofState entry: String, after updates: Int) -> StateRange { .notNegative }

  public var state: [String: Tensor] {
    get { ["lambda": Tensor(lambda)] }
    set { lambda.restore(newValue["lambda"]) }
  }
}
