import AthanorCore
import AthanorKernels

/// Binary focal loss of every class at every point: Σ −α_t(1 − p_t)^γ ln p_t, p = σ(logit).
///
/// p_t is p for the point's class and 1 − p for the others; α_t likewise α and 1 − α.
/// Source: Lin et al. 2017, eq. 5; torchvision's `sigmoid_focal_loss`.
public struct SigmoidFocalLoss: SigmoidLoss {
  public struct Options: Codable, Sendable, DefaultInitializable {
    public var alpha = 0.25
    public var gamma = 2.0

    public init() {}
  }

  public static let name = "focal"
  public static let summary = "sigmoid focal loss, summed over points and classes"
  public static let source = "Lin et al. 2017, eq. 5; torchvision"

  private let alpha: Double
  private let gamma: Double
  private let power: Power

  public init(_ options: Options) throws {
    guard (0...1).contains(options.alpha) else {
      throw SettingsError(
        key: "focal.alpha", expected: "a number in [0, 1]", received: "\(options.alpha)")
    }
    guard options.gamma >= 0, options.gamma.isFinite else {
      throw SettingsError(
        key: "focal.gamma", expected: "a number from 0", received: "\(options.gamma)")
    }
    alpha = options.alpha
    gamma = options.gamma
    power = Power(options.gamma)
  }

  /// With the default of each option that is not given.
  public init(alpha: Double = Options().alpha, gamma: Double = Options().gamma) throws {
    var options = Options()
    options.alpha = alpha
    options.gamma = gamma
    try self.init(options)
  }

  /// −α(1−p)^γ ln p and its derivative α(1−p)^γ(γ p ln p − (1−p)), p = σ(z).
  @inline(__always)
  func term<T: FloatingScalar>(_ z: T, positive: Bool) -> (value: T, derivative: T) {
    let e = T.vectorExp(-abs(z))
    let logP = (z < 0 ? z : 0) - T.vectorLog1p(e)
    let inverse = 1 / (1 + e)
    let (p, q) = (z < 0 ? e * inverse : inverse, z < 0 ? inverse : e * inverse)
    let factor = T(positive ? alpha : 1 - alpha) * power(q)
    return (-factor * logP, factor * (T(gamma) * p * logP - q))
  }
}
