import AthanorCore
import AthanorKernels

/// −ln max(IoU, ε), or 1 − IoU.
///
/// It has no useful gradient where the boxes do not overlap.
/// Source: Yu et al. 2016 (UnitBox), eq. 4.
public struct IoULoss: PairwiseBoxLoss {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// 1 − IoU instead of −ln IoU.
    public var linear = false

    public init() {}
  }

  public static let name = "iou"
  public static let summary = "-ln IoU, or 1 - IoU with linear"
  public static let source = "Yu et al. 2016, eq. 4"

  private let linear: Bool

  public init(_ options: Options) { linear = options.linear }

  /// With the default of each option that is not given.
  public init(linear: Bool = Options().linear) {
    var options = Options()
    options.linear = linear
    self.init(options)
  }

  @inline(__always)
  func value<T: FloatingScalar>(_ pair: BoxPair<T>) -> Dual<T> {
    let iou = pair.iou
    return linear ? 1 - iou : -iou.maximum(Dual(BoxPair<T>.epsilon)).log
  }
}
