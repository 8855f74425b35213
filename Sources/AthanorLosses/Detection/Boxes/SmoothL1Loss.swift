import AthanorCore
import AthanorKernels

/// Σ over the four coordinate differences of ½x²/β where |x| < β, else |x| − ½β.
///
/// Source: Girshick 2015, eq. 3 (β 1).
public struct SmoothL1Loss: PairwiseBoxLoss {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// Where the parabola meets the line, > 0.
    public var beta = 1.0

    public init() {}
  }

  public static let name = "smooth_l1"
  public static let summary = "quadratic below beta, linear above, summed over the coordinates"
  public static let source = "Girshick 2015, eq. 3"

  private let beta: Double

  public init(_ options: Options) throws {
    guard options.beta > 0, options.beta.isFinite else {
      throw SettingsError(
        key: "smooth_l1.beta", expected: "a positive number", received: "\(options.beta)")
    }
    beta = options.beta
  }

  /// With the default of each option that is not given.
  public init(beta: Double = Options().beta) throws {
    var options = Options()
    options.beta = beta
    try self.init(options)
  }

  @inline(__always)
  func value<T: FloatingScalar>(_ pair: BoxPair<T>) -> Dual<T> {
    let beta = T(beta)
    return pair.sumOverCoordinates {
      let size = $0.magnitude
      return size.value < beta ? size.squared * (0.5 / beta) : size - 0.5 * beta
    }
  }
}
