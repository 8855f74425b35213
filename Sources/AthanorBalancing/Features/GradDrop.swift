import AthanorCore
import AthanorKernels
import AthanorTensor

/// Gradient Sign Dropout: where the tasks' gradients on a feature disagree in sign, only those of
/// one sign are used, drawn at random by how strong each side is.
///
/// With z a feature: aᵢ = Σ_batch ∇_zLᵢ⊙sign z; P = ½(1 + Σa/(Σ|a| + 1e-7)); U uniform for each
/// position; Mᵢ = [P > U][aᵢ > 0] + [P < U][aᵢ < 0]; ∇_z = Σ(leak + (1 − leak)Mᵢ)∇_zLᵢ.
///
/// Source: Chen et al. 2020 (GradDrop), algorithm 1.
public final class GradDrop: FeatureWeighting {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// The share of every gradient that is used whatever its sign.
    public var leak = 0.0

    public init() {}
  }

  public static let name = "graddrop"
  public static let summary = "one sign of conflicting feature gradients, drawn at random"
  public static let source = "Chen et al. 2020, algorithm 1"

  private let options: Options
  private var random = RandomSource(seed: 0)

  public init(_ options: Options) throws {
    guard (0...1).contains(options.leak) else {
      throw SettingsError(
        key: "leak", expected: "a number from 0 to 1", received: "\(options.leak)")
    }
    self.options = options
  }

  /// With the default of each option that is not given.
  public convenience init(leak: Double = Options().leak) throws {
    var options = Options()
    options.leak = leak
    try self.init(options)
  }

  public func begin(_ tasks: [BalancedTask], _ random: RandomSource) { self.random = random }

  public func merge(_ gradients: [[Tensor?]], features: [Tensor]) -> [Tensor?] {
    features.enumerated().map { k, feature in
      let reaching = gradients.compactMap { $0[k] }
      guard reaching.count > 1 else { return reaching.first }
      return feature.dtype == .float32
        ? merge(reaching, feature, Float.self) : merge(reaching, feature, Double.self)
    }
  }

  private func merge<T: FloatingScalar & TensorScalar>(
    _ gradients: [Tensor], _ feature: Tensor, _ type: T.Type
  ) -> Tensor {
    let (batch, positions) = (feature.shape[0], feature.count / max(1, feature.shape[0]))
    let uniform = random.uniforms(positions)
    let result = Tensor(uninitialized: feature.shape, feature.dtype)
    let (z, out) = (feature.pointer(to: T.self), result.pointer(to: T.self))
    let sources = gradients.map { UnsafePointer($0.pointer(to: T.self)) }
    parallelRanges(positions, grain: 4096) { range in
      var pulls = [Double](repeating: 0, count: sources.count)
      for p in range {
        for (i, source) in sources.enumerated() {
          var pull = 0.0
          for n in 0..<batch {
            let index = n * positions + p
            pull += z[index] > 0 ? Double(source[index]) : z[index] < 0 ? -Double(source[index]) : 0
          }
          pulls[i] = pull
        }
        let (sum, size) = (pulls.reduce(0, +), pulls.reduce(0) { $0 + abs($1) })
        let positive = 0.5 * (1 + sum / (size + 1e-7))
        for n in 0..<batch { out[n * positions + p] = 0 }
        for (i, source) in sources.enumerated() {
          let keeps =
            positive > uniform[p] ? pulls[i] > 0 : positive < uniform[p] ? pulls[i] < 0 : false
          let factor = T(keeps ? 1 : options.leak)
          for n in 0..<batch { out[n * positions + p] += factor * source[n * positions + p] }
        }
      }
    }
    return result
  }
}
