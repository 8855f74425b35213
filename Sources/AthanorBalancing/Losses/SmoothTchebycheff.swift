import AthanorCore
import AthanorKernels
import AthanorTensor

/// Smooth Tchebycheff scalarization: a soft maximum of the losses' logarithms.
///
/// Up to and including epoch `warmup_epoch`: Σ ln(L + 1e-20). n is the mean losses of that epoch;
/// after it T·μ·ln Σ exp((y − max y)/μ), y = ln(L/n + 1e-20), whose weights are T·softmax(y/μ)ᵢ/Lᵢ.
/// A run that ends earlier uses the first form throughout.
///
/// Source: Lin et al. 2024 (STCH), eq. 8.
public final class SmoothTchebycheff: LossWeighting {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// μ: the smaller, the nearer to the maximum.
    public var mu = 1.0
    /// The epoch, from 0, whose mean losses are the reference of the later ones.
    public var warmupEpoch = 4

    public init() {}

    private enum CodingKeys: String, CodingKey {
      case mu
      case warmupEpoch = "warmup_epoch"
    }
  }

  public static let name = "stch"
  public static let summary = "a soft maximum of the losses relative to an early epoch's"
  public static let source = "Lin et al. 2024, eq. 8"
  public static var followsEpochs: Bool { true }

  private let options: Options
  /// n, NaN until it is known.
  private var nadir: [Double] = []

  public init(_ options: Options) throws {
    try requirePositive(options.mu, "mu")
    try requireNotNegative(Double(options.warmupEpoch), "warmup_epoch")
    self.options = options
  }

  /// With the default of each option that is not given.
  public convenience init(
    mu: Double = Options().mu, warmupEpoch: Int = Options().warmupEpoch
  ) throws {
    var options = Options()
    options.mu = mu
    options.warmupEpoch = warmupEpoch
    try self.init(options)
  }

  public func begin(_ tasks: [BalancedTask], _ random: RandomSource) {
    nadir = tasks.map { _ in .nan }
  }

  /// y, or nil while a task's n is not known.
  private func relative(_ losses: [Double], _ tasks: [Int]) -> [Double]? {
    guard tasks.allSatisfy({ nadir[$0].isFinite }) else { return nil }
    return zip(losses, tasks).map { Double.log(max($0 / nadir[$1], 0) + smallestLoss) }
  }

  public func weights(_ losses: [Double], of tasks: [Int]) -> [Double] {
    guard let y = relative(losses, tasks) else {
      return losses.map { 1 / (max($0, 0) + smallestLoss) }
    }
    return zip(softmax(y.map { $0 / options.mu }), losses).map {
      Double(tasks.count) * $0 / max($1, smallestLoss)
    }
  }

  public func regularizer(_ losses: [Double], of tasks: [Int]) -> Double {
    let weighted = dot(weights(losses, of: tasks), losses)
    guard let y = relative(losses, tasks), let largest = y.max() else {
      return losses.reduce(-weighted) { $0 + Double.log(max($1, 0) + smallestLoss) }
    }
    let sum = y.reduce(0) { $0 + Double.exp(($1 - largest) / options.mu) }
    return Double(tasks.count) * options.mu * Double.log(sum) - weighted
  }

  public func endEpoch(_ epoch: Int, meanLosses: [Double?]) {
    guard epoch >= options.warmupEpoch else { return }
    for (i, loss) in meanLosses.enumerated() where nadir[i].isNaN {
      if let loss { nadir[i] = max(loss, smallestLoss) }
    }
  }

  public func range(ofState entry: String, after updates: Int) -> StateRange {
    .notNegativeOrUnknown
  }

  public var state: [String: Tensor] {
    get { ["nadir": Tensor(nadir)] }
    set { nadir.restore(newValue["nadir"]) }
  }
}
