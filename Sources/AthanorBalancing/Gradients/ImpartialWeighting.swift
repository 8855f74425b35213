import AthanorCore
import AthanorTensor

/// IMTL: IMTL-G on the shared parameters over losses that IMTL-L scales, eˢL − s.
///
/// M = Σ αᵢe^{sᵢ}gᵢ with α of the gradients e^{sᵢ}gᵢ; the heads get e^{sᵢ}∇Lᵢ.
///
/// Source: Liu et al. 2021 (IMTL), algorithm 1.
public final class ImpartialWeighting: GradientWeighting {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// Adam's learning rate for s.
    public var lr = 0.025
    /// Where the gradients are taken: the paper's are those on the shared features.
    public var on = GradientSite.parameters

    public init() {}
  }

  public static let name = "imtl"
  public static let summary = "imtl_g over losses scaled by imtl_l"
  public static let source = "Liu et al. 2021, algorithm 1"
  public static var scale: WeightingScale { .average }
  public var usesFeatures: Bool { options.on == .features }

  private let options: Options
  private var scales: LearnedScales

  public init(_ options: Options) throws {
    self.options = options
    var scaling = LearnedScales.Options()
    scaling.lr = options.lr
    scales = try LearnedScales(scaling)
  }

  /// With the default of each option that is not given.
  public convenience init(lr: Double = Options().lr, on: GradientSite = Options().on) throws {
    var options = Options()
    options.lr = lr
    options.on = on
    try self.init(options)
  }

  public func begin(_ tasks: [BalancedTask], _ random: RandomSource) {
    scales.begin(count: tasks.count)
  }

  public func merge(
    _ samples: [TaskGradients], losses: [Double], of tasks: [Int]
  ) -> MergedGradient {
    let (gram, factors) = (samples[0].gram, scales.factors(of: tasks))
    let alpha = impartialWeights(
      gram.indices.map { i in gram.indices.map { gram[i][$0] * factors[i] * factors[$0] } })
    scales.update(losses, of: tasks)
    return MergedGradient(zip(alpha, factors).map { $0 * $1 }, heads: factors)
  }

  public func regularizer(_ losses: [Double], of tasks: [Int]) -> Double {
    scales.regularizer(of: tasks)
  }

  public func range(ofState entry: String, after updates: Int) -> StateRange {
    Adam.range(ofState: entry, after: updates)
  }

  public var state: [String: Tensor] {
    get { scales.state }
    set { scales.state = newValue }
  }
}
