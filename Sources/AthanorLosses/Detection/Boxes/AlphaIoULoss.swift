import AthanorCore
import AthanorKernels

/// 1 − IoU^α: α above 1 puts more weight on boxes that already fit well.
///
/// Source: He et al. 2021, eq. 5 (α 3).
public struct AlphaIoULoss: PairwiseBoxLoss {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// α, a whole number of at least 1.
    public var alpha = 3

    public init() {}
  }

  public static let name = "alpha_iou"
  public static let summary = "1 - IoU^alpha"
  public static let source = "He et al. 2021"

  private let alpha: Int

  public init(_ options: Options) throws {
    try require(
      (1...16).contains(options.alpha), "\(Self.name).alpha", "a whole number from 1 to 16",
      options.alpha)
    alpha = options.alpha
  }

  /// With the default of each option that is not given.
  public init(alpha: Int = Options().alpha) throws {
    var options = Options()
    options.alpha = alpha
    try self.init(options)
  }

  @inline(__always)
  func value<T: FloatingScalar>(_ pair: BoxPair<T>) -> Dual<T> {
    let iou = pair.iou
    var power = iou
    for _ in 1..<alpha { power = power * iou }
    return 1 - power
  }
}
