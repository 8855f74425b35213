import AthanorCore
import AthanorKernels
import AthanorTensor

/// Binary cross entropy of every class at every point: Σ −ln p_t, positives times `pos_weight`.
///
/// Source: PyTorch's `binary_cross_entropy_with_logits`, summed.
public struct BinaryCrossEntropyLoss: SigmoidLoss {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// The weight of positives.
    public var posWeight = 1.0

    public init() {}

    private enum CodingKeys: String, CodingKey { case posWeight = "pos_weight" }
  }

  public static let name = "bce"
  public static let summary = "sigmoid cross entropy, summed over points and classes"
  public static let source = "PyTorch's binary_cross_entropy_with_logits"

  private let posWeight: Double

  public init(_ options: Options) throws {
    try require(
      options.posWeight >= 0 && options.posWeight.isFinite, "\(Self.name).pos_weight",
      "a number from 0", options.posWeight)
    posWeight = options.posWeight
  }

  /// With the default of each option that is not given.
  public init(posWeight: Double = Options().posWeight) throws {
    var options = Options()
    options.posWeight = posWeight
    try self.init(options)
  }

  /// −ln σ(z) and its derivative σ(z) − 1.
  @inline(__always)
  func term<T: FloatingScalar>(_ z: T, positive: Bool) -> (value: T, derivative: T) {
    let e = T.vectorExp(-abs(z))
    let logP = (z < 0 ? z : 0) - T.vectorLog1p(e)
    let inverse = 1 / (1 + e)
    let q = z < 0 ? inverse : e * inverse
    let factor = T(positive ? posWeight : 1)
    return (-factor * logP, -factor * q)
  }
}
