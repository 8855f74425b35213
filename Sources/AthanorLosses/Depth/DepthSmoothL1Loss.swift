import AthanorCore
import AthanorTensor

/// With d = p − y: d²/(2β) where |d| < β, elsewhere |d| − β/2; the mean over valid depths.
///
/// Source: Girshick 2015 (Fast R-CNN), eq. 3; PyTorch's β.
public struct DepthSmoothL1Loss: DepthLoss {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// Where the square ends, in the unit of depth.
    public var beta = 1.0

    public init() {}
  }

  public static let name = "smooth_l1"
  public static let summary = "l1, rounded to a square below beta"
  public static let source = "Girshick 2015, eq. 3; PyTorch's SmoothL1Loss"

  private let beta: Double

  public init(_ options: Options) throws {
    try requirePositive(options.beta, "beta")
    beta = options.beta
  }

  /// With the default of each option that is not given.
  public init(beta: Double = Options().beta) throws {
    var options = Options()
    options.beta = beta
    try self.init(options)
  }

  public func callAsFunction(_ prediction: Tensor, _ target: Tensor) -> Tensor {
    let pair = DepthPair(prediction, target, Self.name)
    let size = pair.difference.abs()
    let values = Tensor.where(
      size < beta, size.pow(2) * (0.5 / beta), size - 0.5 * beta)
    return pair.mean(values)
  }
}
