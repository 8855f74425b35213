import AthanorCore
import AthanorKernels
import AthanorTensor

/// Multiple Gradient Descent Algorithm: the point of least norm in the convex hull of the tasks'
/// gradients, a direction along which no loss rises.
///
/// γ = argmin ‖Σγᵢgᵢ/sᵢ‖² over the simplex, s by `normalization`: 1, ‖gᵢ‖, Lᵢ or Lᵢ‖gᵢ‖; M = Σγᵢgᵢ.
/// For two tasks γ₁ is clamped to .001….999, as in the authors' code.
///
/// Range: the weights sum to 1.
/// Source: Sener & Koltun 2018, eq. 3 and algorithm 1.
public final class MGDA: GradientWeighting {
  public enum Normalization: String, Codable, CaseIterable, Sendable {
    case none, l2, loss
    case lossAndNorm = "loss+"
  }

  public struct Options: Codable, Sendable, DefaultInitializable {
    public var normalization = Normalization.none
    /// Whether the gradients are taken on the shared features (MGDA-UB) or the shared parameters.
    public var on = GradientSite.parameters

    public init() {}
  }

  public static let name = "mgda"
  public static let summary = "the min-norm point of the gradients' convex hull"
  public static let source = "Sener & Koltun 2018, algorithm 1"
  public static var scale: WeightingScale { .average }
  public var usesFeatures: Bool { options.on == .features }

  private let options: Options

  public init(_ options: Options) { self.options = options }

  /// With the default of each option that is not given.
  public convenience init(
    normalization: Normalization = Options().normalization, on: GradientSite = Options().on
  ) {
    var options = Options()
    options.normalization = normalization
    options.on = on
    self.init(options)
  }
  public func begin(_ tasks: [BalancedTask], _ random: RandomSource) {}

  public func merge(
    _ samples: [TaskGradients], losses: [Double], of tasks: [Int]
  ) -> MergedGradient {
    let (gram, norms) = (samples[0].gram, samples[0].norms)
    let scales = losses.indices.map { i in
      let scale =
        switch options.normalization {
        case .none: 1.0
        case .l2: norms[i]
        case .loss: losses[i]
        case .lossAndNorm: losses[i] * norms[i]
        }
      return max(scale, smallestLoss)
    }
    let scaled = gram.indices.map { i in
      gram.indices.map { j in gram[i][j] / (scales[i] * scales[j]) }
    }
    return MergedGradient(tasks.count == 2 ? pair(scaled) : minimumNormWeights(scaled))
  }

  private func pair(_ a: [[Double]]) -> [Double] {
    let first: Double
    if a[0][1] >= a[0][0] {
      first = 0.999
    } else if a[0][1] >= a[1][1] {
      first = 0.001
    } else {
      first = (a[1][1] - a[0][1]) / (a[0][0] + a[1][1] - 2 * a[0][1])
    }
    return [first, 1 - first]
  }
}
