import AthanorCore
import AthanorKernels
import AthanorTensor

/// IMTL-L: losses scaled to the same size by learned factors. Total Σ eˢL − s, weights eˢ, s from 0 by
/// Adam; it settles at eˢL = 1.
///
/// Source: Liu et al. 2021 (IMTL), eq. 8.
public final class ImpartialLossWeighting: LossWeighting {
  public typealias Options = LearnedScales.Options

  public static let name = "imtl_l"
  public static let summary = "learned scales that bring every loss to 1"
  public static let source = "Liu et al. 2021, eq. 8"

  private var scales: LearnedScales

  public init(_ options: Options) throws { scales = try LearnedScales(options) }

  public func begin(_ tasks: [Task], _ noise: Noise) { scales.begin(count: tasks.count) }

  public func weights(_ losses: [Double], of tasks: [Int]) -> [Double] { scales.factors(of: tasks) }

  public func regularizer(_ losses: [Double], of tasks: [Int]) -> Double {
    scales.regularizer(of: tasks)
  }

  public func update(_ losses: [Double], of tasks: [Int]) { scales.update(losses, of: tasks) }

  public var state: [String: Tensor] {
    get { scales.state }
    set { scales.state = newValue }
  }
}

/// s of each task, descending Σ eˢL − s.
public struct LearnedScales {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// Adam's learning rate for s.
    public var lr = 0.025

    public init() {}
  }

  private var logScales: [Double] = []
  private var adam: Adam

  init(_ options: Options) throws {
    try requirePositive(options.lr, "lr")
    adam = Adam(learningRate: options.lr)
  }

  mutating func begin(count: Int) {
    logScales = [Double](repeating: 0, count: count)
    adam.begin(count: count)
  }

  /// eˢ.
  func factors(of tasks: [Int]) -> [Double] { tasks.map { .exp(logScales[$0]) } }

  /// −Σ s.
  func regularizer(of tasks: [Int]) -> Double { tasks.reduce(0) { $0 - logScales[$1] } }

  mutating func update(_ losses: [Double], of tasks: [Int]) {
    let slopes = zip(factors(of: tasks), losses).map { $0 * $1 - 1 }
    adam.update(&logScales, slopes, of: tasks)
  }

  var state: [String: Tensor] {
    get { adam.state.merging(["s": Tensor(logScales)]) { $1 } }
    set {
      adam.state = newValue
      logScales.restore(newValue["s"])
    }
  }
}
