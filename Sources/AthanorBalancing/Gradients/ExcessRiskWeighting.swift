import AthanorCore
import AthanorKernels
import AthanorTensor

/// ExcessMTL: more weight for tasks that are further from their optimum, measured by the gradient
/// scaled as in AdaGrad.
///
/// S += g², w = Σ g²/√(S + 1e-7). The first step stores w⁰ and uses weights 1; then
/// λ ← λ·exp(η·w/w⁰), scaled to sum T over the present tasks, and λ are the weights, of the
/// heads too.
///
/// Source: He et al. 2024 (ExcessMTL), algorithm 1.
public final class ExcessRiskWeighting: GradientWeighting {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// η.
    public var stepSize = 0.01

    public init() {}

    private enum CodingKeys: String, CodingKey { case stepSize = "step_size" }
  }

  public static let name = "excess_mtl"
  public static let summary = "weights by the excess risk that each task's gradient shows"
  public static let source = "He et al. 2024, algorithm 1"

  public static var perParameterState: [String] { ["squares"] }

  private let options: Options
  private var lambda: [Double] = []
  /// w⁰, NaN until a task's first step.
  private var initial: [Double] = []
  /// S of each task.
  private var squares = TaskTensors()

  public init(_ options: Options) throws {
    try requireNotNegative(options.stepSize, "step_size")
    self.options = options
  }

  /// With the default of each option that is not given.
  public convenience init(stepSize: Double = Options().stepSize) throws {
    var options = Options()
    options.stepSize = stepSize
    try self.init(options)
  }

  public func begin(_ tasks: [BalancedTask], _ random: RandomSource) {
    lambda = tasks.map { _ in 1 }
    initial = tasks.map { _ in .nan }
    squares = TaskTensors(tasks: tasks.count)
  }

  public func merge(
    _ samples: [TaskGradients], losses: [Double], of tasks: [Int]
  ) -> MergedGradient {
    var growth = tasks.map { _ in 0.0 }
    for (k, i) in tasks.enumerated() {
      let excess = squares.addSquares(of: samples[0].rows[k], i, epsilon: 1e-7)
      guard initial[i].isFinite else {
        // Later gradients cannot be measured against a first one of 0.
        if excess > 0, excess.isFinite { initial[i] = excess }
        continue
      }
      growth[k] = options.stepSize * excess / initial[i]
    }
    // Minus the largest, so that no exponential overflows before scaling.
    let largest = growth.max() ?? 0
    for (k, i) in tasks.enumerated() { lambda[i] *= .exp(growth[k] - largest) }
    let sum = tasks.reduce(0) { $0 + lambda[$1] }
    for i in tasks { lambda[i] *= Double(tasks.count) / sum }
    let weights = tasks.map { lambda[$0] }
    return MergedGradient(weights, heads: weights)
  }

  public func range(ofState entry: String, after updates: Int) -> StateRange {
    switch entry {
    case "initial": .notNegativeOrUnknown
    default: .notNegative
    }
  }

  public var state: [String: Tensor] {
    get {
      squares.state(named: "squares")
        .merging(["lambda": Tensor(lambda), "initial": Tensor(initial)]) { $1 }
    }
    set {
      lambda.restore(newValue["lambda"])
      initial.restore(newValue["initial"])
      squares.restore(newValue, named: "squares")
    }
  }
}
