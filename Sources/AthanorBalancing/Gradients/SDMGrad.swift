import AthanorCore
import AthanorTensor

/// SDMGrad: a direction near the mean gradient, with regularised min-norm weights from two batches
/// applied to a third.
///
/// Q = G₂G₃ᵀ/(scale² + 1e-8), scale = mean √max(diag G₂G₃ᵀ, 0); w, from 1/T, takes `iterations`
/// steps of SGD (lr, momentum) along Qw + λ·rowmean(Q) at every update, each projected onto the
/// simplex; M = (wᵀG₁ + λ·mean G₁)/(1 + λ). The heads get the sum of ∇Lᵢ over the three batches. w
/// is unchanged for a task that is missing from one of the batches.
///
/// Source: Xiao, Ban & Ji 2023, algorithm 2.
public final class SDMGrad: GradientWeighting {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// λ: the larger, the nearer to the mean gradient.
    public var lambda = 0.3
    public var iterations = 20
    public var lr = 5.0
    public var momentum = 0.5

    public init() {}
  }

  public static let name = "sdmgrad"
  public static let summary = "a direction-regularised min-norm point from three batches a step"
  public static let source = "Xiao et al. 2023, algorithm 2"
  public static var scale: WeightingScale { .average }
  public var samples: Int { 3 }

  private let options: Options
  private var weights: [Double] = []

  public init(_ options: Options) throws {
    try requireNotNegative(options.lambda, "lambda")
    try requireAtLeast(1, options.iterations, "iterations")
    try requirePositive(options.lr, "lr")
    try requireFraction(options.momentum, "momentum")
    self.options = options
  }

  /// With the default of each option that is not given.
  public convenience init(
    lambda: Double = Options().lambda, iterations: Int = Options().iterations,
    lr: Double = Options().lr, momentum: Double = Options().momentum
  ) throws {
    var options = Options()
    options.lambda = lambda
    options.iterations = iterations
    options.lr = lr
    options.momentum = momentum
    try self.init(options)
  }

  public func begin(_ tasks: [BalancedTask], _ random: RandomSource) {
    weights = tasks.map { _ in 1 / Double(tasks.count) }
  }

  public func merge(
    _ samples: [TaskGradients], losses: [Double], of tasks: [Int]
  ) -> MergedGradient {
    let moving = TaskGradients.inAll(samples)
    if moving.count > 1 {
      let products = samples[1].products(with: samples[2])
      let next = descended(
        moving.map { weights[tasks[$0]] }, moving.map { i in moving.map { products[i][$0] } })
      for (k, value) in zip(moving, next) { weights[tasks[k]] = value }
    }
    let average = options.lambda / Double(tasks.count)
    return MergedGradient(
      shares(tasks.map { weights[$0] }).map { ($0 + average) / (1 + options.lambda) },
      heads: tasks.map { _ in 3 })
  }

  /// w after the steps of SGD on the products of two batches' gradients.
  private func descended(_ start: [Double], _ products: [[Double]]) -> [Double] {
    let scale = mean(products.indices.map { max(products[$0][$0], 0).squareRoot() })
    let q = products.map { row in row.map { $0 / (scale * scale + 1e-8) } }
    let linear = q.map { options.lambda * mean($0) }
    var w = start
    var velocity = w.map { _ in 0.0 }
    for _ in 0..<options.iterations {
      let gradient = zip(times(q, w), linear).map { $0 + $1 }
      velocity = zip(velocity, gradient).map { options.momentum * $0 + $1 }
      w = projectedOntoSimplex(zip(w, velocity).map { $0 - options.lr * $1 })
    }
    return w
  }

  public func range(ofState entry: String, after updates: Int) -> StateRange { .notNegative }

  public var state: [String: Tensor] {
    get { ["weights": Tensor(weights)] }
    set { weights.restore(newValue["weights"]) }
  }
}
