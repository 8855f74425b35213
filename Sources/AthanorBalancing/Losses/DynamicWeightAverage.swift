import AthanorCore
import AthanorKernels
import AthanorTensor

/// Dynamic Weight Average: more weight for a task whose loss falls slowly.
///
/// w = T·softmax(r/τ), rᵢ = L̄ᵢ(e−1)/L̄ᵢ(e−2), the mean losses of the two epochs before; 1 in
/// epochs 0 and 1.
///
/// Source: Liu, Johns & Davison 2019, eq. 7.
public final class DynamicWeightAverage: LossWeighting {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// τ: the larger, the more even the weights.
    public var temperature = 2.0

    public init() {}
  }

  public static let name = "dwa"
  public static let summary = "weights by how fast each loss falls, epoch by epoch"
  public static let source = "Liu et al. 2019, eq. 7"
  public static var followsEpochs: Bool { true }

  private let options: Options
  /// Mean losses of the last epoch and the one before, NaN while there is none.
  private var last: [Double] = []
  private var before: [Double] = []

  public init(_ options: Options) throws {
    try requirePositive(options.temperature, "temperature")
    self.options = options
  }

  /// With the default of each option that is not given.
  public convenience init(temperature: Double = Options().temperature) throws {
    var options = Options()
    options.temperature = temperature
    try self.init(options)
  }

  public func begin(_ tasks: [BalancedTask], _ random: RandomSource) {
    last = tasks.map { _ in .nan }
    before = last
  }

  public func weights(_ losses: [Double], of tasks: [Int]) -> [Double] {
    let ratios = tasks.map { i in
      let ratio = last[i] / before[i]
      return ratio.isFinite ? ratio : 1
    }
    return softmax(ratios.map { $0 / options.temperature }).map { $0 * Double(tasks.count) }
  }

  public func endEpoch(_ epoch: Int, meanLosses: [Double?]) {
    for (i, loss) in meanLosses.enumerated() {
      guard let loss else { continue }
      (before[i], last[i]) = (last[i], loss)
    }
  }

  public func range(ofState entry: String, after updates: Int) -> StateRange { .finiteOrUnknown }

  public var state: [String: Tensor] {
    get { ["last": Tensor(last), "before": Tensor(before)] }
    set {
      last.restore(newValue["last"])
      before.restore(newValue["before"])
    }
  }
}
