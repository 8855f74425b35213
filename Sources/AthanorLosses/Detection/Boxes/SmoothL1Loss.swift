import AthanorCore
import AthanorTensor

/// Σ over the four coordinate differences of ½x²/β where |x| < β, else |x| − ½β.
///
/// Source: Girshick 2015, eq. 3 (β 1).
public struct SmoothL1Loss: BoxLoss {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// Where the parabola meets the line, > 0.
    public var beta = 1.0

    public init() {}
  }

  public static let name = "smooth_l1"
  public static let summary = "quadratic below beta, linear above, summed over the coordinates"
  public static let source = "Girshick 2015, eq. 3"

  private let beta: Double

  public init(_ options: Options = Options()) throws {
    guard options.beta > 0, options.beta.isFinite else {
      throw SettingsError(
        key: "smooth_l1.beta", expected: "a positive number", received: "\(options.beta)")
    }
    beta = options.beta
  }

  public func callAsFunction(_ prediction: Tensor, _ target: Tensor) -> Tensor {
    let size = (prediction - target).abs()
    let isSmall = size < Tensor(beta, size.dtype)
    return Tensor.where(isSmall, size * size * (0.5 / beta), size - 0.5 * beta).sum(axes: [1])
  }
}
