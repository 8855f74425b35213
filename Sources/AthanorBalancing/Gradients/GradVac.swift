import AthanorCore
import AthanorTensor

/// Gradient Vaccine: gradients are turned towards the similarity that two tasks had so far, even
/// where they do not conflict.
///
/// For each i, the other j in random order, ρ = cos(pᵢ, gⱼ): if ρ < ρ̂ᵢⱼ,
/// pᵢ += gⱼ·‖pᵢ‖(ρ̂√(1−ρ²) − ρ√(1−ρ̂²))/(‖gⱼ‖√(1−ρ̂²) + 1e-8); always ρ̂ ← (1−β)ρ̂ + βρ, from 0;
/// M = Σpᵢ.
///
/// Source: Wang et al. 2021 (Gradient Vaccine), eq. 3 and 4.
public final class GradVac: GradientWeighting {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// The weight of the latest similarity in the moving average.
    public var beta = 0.5

    public init() {}
  }

  public static let name = "gradvac"
  public static let summary = "gradients turned towards the tasks' usual similarity"
  public static let source = "Wang et al. 2021, eq. 3"

  private let options: Options
  private var random = RandomSource(seed: 0)
  private var count = 0
  /// ρ̂, row by row.
  private var usual: [Double] = []

  public init(_ options: Options) throws {
    guard (0...1).contains(options.beta) else {
      throw SettingsError(
        key: "beta", expected: "a number from 0 to 1", received: "\(options.beta)")
    }
    self.options = options
  }

  /// With the default of each option that is not given.
  public convenience init(beta: Double = Options().beta) throws {
    var options = Options()
    options.beta = beta
    try self.init(options)
  }

  public func begin(_ tasks: [BalancedTask], _ random: RandomSource) {
    self.random = random
    count = tasks.count
    usual = [Double](repeating: 0, count: count * count)
  }

  public func merge(
    _ samples: [TaskGradients], losses: [Double], of tasks: [Int]
  ) -> MergedGradient {
    let (gram, norms) = (samples[0].gram, samples[0].norms)
    let weights = pairwiseAdjustedSum(tasks, of: count, random) { p, j, task, other in
      let length = max(dot(p, times(gram, p)), 0).squareRoot()
      let product = length * norms[j]
      let cosine = product > 0 ? min(max(dot(p, gram[j]) / product, -1), 1) : 0
      let index = task * count + other
      let target = usual[index]
      if cosine < target {
        let (sine, targetSine) = (
          (1 - cosine * cosine).squareRoot(), (1 - target * target).squareRoot()
        )
        p[j] += length * (target * sine - cosine * targetSine) / (norms[j] * targetSine + 1e-8)
      }
      usual[index] = (1 - options.beta) * target + options.beta * cosine
    }
    return MergedGradient(weights)
  }

  public var state: [String: Tensor] {
    get { ["usual": Tensor(usual)] }
    set { usual.restore(newValue["usual"]) }
  }
}
