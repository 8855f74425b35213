import AthanorCore
import AthanorKernels
import AthanorTensor

/// IMTL-L: losses scaled to the same size by learned factors. Total Σ eˢL − s, weights eˢ, s from 0
/// by Adam; it settles at eˢL = 1.
///
/// Source: Liu et al. 2021 (IMTL), eq. 8.
public final class ImpartialLossWeighting: LossWeighting {
  public typealias Options = LearnedScales.Options

  public static let name = "imtl_l"
  public static let summary = "learned scales that bring every loss to 1"
  public static let source = "Liu et al. 2021, eq. 8"

  private var scales: LearnedScales

  public init(_ options: Options) throws { scales = try LearnedScales(options) }

  /// With the default of each option that is not given.
  public convenience init(lr: Double = Options().lr) throws {
    var options = Options()
    options.lr = lr
    try self.init(options)
  }

  public func begin(_ tasks: [BalancedTask], _ random: RandomSource) {
    scales.begin(count: tasks.count)
  }

  public func weights(_ losses: [Double], of tasks: [Int]) -> [Double] { scales.factors(of: tasks) }

  public func regularizer(_ losses: [Double], of tasks: [Int]) -> Double {
    scales.regularizer(of: tasks)
  }

  public func update(_ losses: [Double], of tasks: [Int]) { scales.update(losses, of: tasks) }

  public func range(ofState entry: String, after updates: Int) -> StateRange {
    Adam.range(ofState: entry, after: updates)
  }

  public var state: [String: Tensor] {
    get { scales.state }
    set { scales.state = newValue }
  }
}
