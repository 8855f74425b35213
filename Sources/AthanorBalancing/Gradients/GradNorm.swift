import AthanorCore
import AthanorKernels
import AthanorTensor

/// GradNorm: weights that equalise the tasks' gradient norms, larger where a task lags behind.
///
/// Epoch 0: weights 1. Then v = T·softmax(ω), ω from 1; rᵢ = (Lᵢ/L̄ᵢ)/mean, L̄ the means of epoch
/// 0; Adam minimises Σ|vᵢ‖gᵢ‖ − mean(v‖g‖)·rᵢ^α| over ω, with the target detached.
///
/// Source: Chen et al. 2018 (GradNorm), eq. 1 and 2.
public final class GradNorm: GradientWeighting {
  /// The parameters whose gradients are measured: all shared ones, or as in the paper those of the
  /// last shared layer.
  public enum Layer: String, Codable, CaseIterable, Sendable { case all, last }

  public struct Options: Codable, Sendable, DefaultInitializable {
    /// The strength of the pull towards equal training rates.
    public var alpha = 1.5
    /// Adam's learning rate for ω.
    public var lr = 0.025
    public var layer = Layer.all

    public init() {}
  }

  public static let name = "gradnorm"
  public static let summary = "equal gradient norms, adjusted by training rates"
  public static let source = "Chen et al. 2018"
  public static var followsEpochs: Bool { true }

  private let options: Options
  private var omega: [Double] = []
  private var adam: Adam
  /// L̄, NaN until the end of epoch 0.
  private var initial: [Double] = []

  public init(_ options: Options) throws {
    try requireNotNegative(options.alpha, "alpha")
    try requirePositive(options.lr, "lr")
    self.options = options
    adam = Adam(learningRate: options.lr)
  }

  /// With the default of each option that is not given.
  public convenience init(
    alpha: Double = Options().alpha, lr: Double = Options().lr, layer: Layer = Options().layer
  ) throws {
    var options = Options()
    options.alpha = alpha
    options.lr = lr
    options.layer = layer
    try self.init(options)
  }

  public func begin(_ tasks: [BalancedTask], _ random: RandomSource) {
    omega = tasks.map { _ in 1 }
    initial = tasks.map { _ in .nan }
    adam.begin(count: tasks.count)
  }

  public func merge(
    _ samples: [TaskGradients], losses: [Double], of tasks: [Int]
  ) -> MergedGradient {
    guard tasks.allSatisfy({ initial[$0].isFinite }) else {
      return MergedGradient(tasks.map { _ in 1 })
    }
    let count = Double(tasks.count)
    let shares = softmax(tasks.map { omega[$0] })
    let norms = options.layer == .all ? samples[0].norms : samples[0].lastLayerNorms
    let weighted = zip(shares, norms).map { count * $0 * $1 }
    let rates = zip(losses, tasks).map { $0 / max(initial[$1], smallestLoss) }
    let (common, rate) = (mean(weighted), max(mean(rates), smallestLoss))
    // d/dv of |v‖g‖ − target|, then through v = T·softmax(ω).
    let derivatives = rates.indices.map { i in
      let target = common * .pow(max(rates[i] / rate, 0), options.alpha)
      return weighted[i] == target ? 0 : weighted[i] > target ? norms[i] : -norms[i]
    }
    let pulled = dot(shares, derivatives)
    adam.update(
      &omega, zip(shares, derivatives).map { count * $0 * ($1 - pulled) }, of: tasks)
    return MergedGradient(shares.map { count * $0 })
  }

  public func endEpoch(_ epoch: Int, meanLosses: [Double?]) {
    for (i, loss) in meanLosses.enumerated() where initial[i].isNaN {
      if let loss { initial[i] = loss }
    }
  }

  public func range(ofState entry: String, after updates: Int) -> StateRange {
    switch entry {
    case "initial": .finiteOrUnknown
    default: Adam.range(ofState: entry, after: updates)
    }
  }

  public var state: [String: Tensor] {
    get { adam.state.merging(["omega": Tensor(omega), "initial": Tensor(initial)]) { $1 } }
    set {
      adam.state = newValue
      omega.restore(newValue["omega"])
      initial.restore(newValue["initial"])
    }
  }
}
