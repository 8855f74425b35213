import AthanorCore
import AthanorKernels
import AthanorTensor

/// Nash-MTL: the tasks bargain for the update; the Nash solution weights each by the inverse of its
/// gain.
///
/// GGᵀα = 1/α, α = argmin ½αᵀGGᵀα − Σ ln αᵢ; M = Σαᵢgᵢ, its norm at most `max_norm`; the heads get
/// αᵢ∇Lᵢ. A task whose gradient is 0 has weight 1.
///
/// Source: Navon et al. 2022, claim 3.1.
public final class NashMTL: GradientWeighting {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// Steps between two solutions; the steps between them use the last α.
    public var updateEvery = 1
    /// The largest ‖M‖; null for no limit.
    public var maxNorm: Double? = 1

    public init() {}

    private enum CodingKeys: String, CodingKey {
      case updateEvery = "update_every"
      case maxNorm = "max_norm"
    }
  }

  public static let name = "nash_mtl"
  public static let summary = "the Nash bargaining solution between the tasks"
  public static let source = "Navon et al. 2022"

  private let options: Options
  private var alpha: [Double] = []
  private var step = 0.0

  public init(_ options: Options) throws {
    try requireAtLeast(1, options.updateEvery, "update_every")
    if let maxNorm = options.maxNorm { try requirePositive(maxNorm, "max_norm") }
    self.options = options
  }

  /// With the default of each option that is not given.
  public convenience init(
    updateEvery: Int = Options().updateEvery, maxNorm: Double? = Options().maxNorm
  ) throws {
    var options = Options()
    options.updateEvery = updateEvery
    options.maxNorm = maxNorm
    try self.init(options)
  }

  public func begin(_ tasks: [BalancedTask], _ random: RandomSource) {
    alpha = tasks.map { _ in 1 }
    step = 0
  }

  public func merge(
    _ samples: [TaskGradients], losses: [Double], of tasks: [Int]
  ) -> MergedGradient {
    let gram = samples[0].gram
    if Int(step) % options.updateEvery == 0 {
      for (i, value) in zip(tasks, fairWeights(gram, alpha: 1)) { alpha[i] = value }
    }
    step += 1
    let current = tasks.map { alpha[$0] }
    let norm = max(dot(current, times(gram, current)), 0).squareRoot()
    let shrink = options.maxNorm.map { norm > $0 ? $0 / norm : 1 } ?? 1
    return MergedGradient(current.map { $0 * shrink }, heads: current)
  }

  public func range(ofState entry: String, after updates: Int) -> StateRange {
    switch entry {
    case "step": .count(upTo: updates)
    default: .notNegative
    }
  }

  public var state: [String: Tensor] {
    get { ["alpha": Tensor(alpha), "step": Tensor([step])] }
    set {
      alpha.restore(newValue["alpha"])
      step = newValue["step"]?.scalar ?? step
    }
  }
}
