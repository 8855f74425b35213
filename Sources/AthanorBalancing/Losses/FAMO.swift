import AthanorCore
import AthanorKernels
import AthanorTensor

/// Fast Adaptive Multitask Optimization: weights under which every loss falls at the same rate.
///
/// z = softmax(w), D = L + 1e-8, weights zᵢ/(c·Dᵢ) with c = Σ z/D. After the step the losses of the
/// same batch are computed again: δ = ln D_old − ln D_new, and z⊙(δ − zᵀδ) is the gradient of w for
/// Adam with coupled weight decay.
///
/// Source: Liu et al. 2023 (FAMO), algorithm 1.
public final class FAMO: LossWeighting {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// Adam's learning rate for w.
    public var lr = 0.025
    public var weightDecay = 1e-3

    public init() {}

    private enum CodingKeys: String, CodingKey {
      case lr
      case weightDecay = "weight_decay"
    }
  }

  public static let name = "famo"
  public static let summary = "equal rates of descent, from the losses before and after each step"
  public static let source = "Liu et al. 2023, algorithm 1"
  public static var scale: WeightingScale { .average }
  public var wantsLossesAfter: Bool { true }

  private var logits: [Double] = []
  private var adam: Adam

  public init(_ options: Options) throws {
    try requirePositive(options.lr, "lr")
    try requireNotNegative(options.weightDecay, "weight_decay")
    adam = Adam(learningRate: options.lr, weightDecay: options.weightDecay)
  }

  /// With the default of each option that is not given.
  public convenience init(
    lr: Double = Options().lr, weightDecay: Double = Options().weightDecay
  ) throws {
    var options = Options()
    options.lr = lr
    options.weightDecay = weightDecay
    try self.init(options)
  }

  public func begin(_ tasks: [BalancedTask], _ random: RandomSource) {
    logits = tasks.map { _ in 0 }
    adam.begin(count: tasks.count)
  }

  private func shares(of tasks: [Int]) -> [Double] { softmax(tasks.map { logits[$0] }) }

  /// Losses above their minimum, which is 0.
  private func gaps(_ losses: [Double]) -> [Double] { losses.map { max($0, 0) + 1e-8 } }

  public func weights(_ losses: [Double], of tasks: [Int]) -> [Double] {
    let ratios = zip(shares(of: tasks), gaps(losses)).map { $0 / $1 }
    let sum = ratios.reduce(0, +)
    return ratios.map { $0 / sum }
  }

  public func update(_ losses: [Double], after: [Double], of tasks: [Int]) {
    let z = shares(of: tasks)
    let falls = zip(gaps(losses), gaps(after)).map { Double.log($0) - Double.log($1) }
    let common = dot(z, falls)
    adam.update(&logits, zip(z, falls).map { $0 * ($1 - common) }, of: tasks)
  }

  public func range(ofState entry: String, after updates: Int) -> StateRange {
    Adam.range(ofState: entry, after: updates)
  }

  public var state: [String: Tensor] {
    get { adam.state.merging(["w": Tensor(logits)]) { $1 } }
    set {
      adam.state = newValue
      logits.restore(newValue["w"])
    }
  }
}
