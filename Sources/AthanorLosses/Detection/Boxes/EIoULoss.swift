import AthanorCore
import AthanorKernels

/// DIoU + (Δw)²/(C_w² + ε) + (Δh)²/(C_h² + ε): the differences of the sides over those of the
/// smallest enclosing box.
///
/// Source: Zhang et al. 2021, eq. 6.
public struct EIoULoss: PairwiseBoxLoss {
  public static let name = "eiou"
  public static let summary = "DIoU plus the differences of width and height"
  public static let source = "Zhang et al. 2021"

  public init(_ options: NoOptions = NoOptions()) {}

  @inline(__always)
  func value<T: FloatingScalar>(_ pair: BoxPair<T>) -> Dual<T> {
    let (sides, epsilon) = (pair.enclosing, BoxPair<T>.epsilon)
    let wide = (pair.width - pair.targetWidth).squared / (sides.width.squared + epsilon)
    let high = (pair.height - pair.targetHeight).squared / (sides.height.squared + epsilon)
    return 1 - pair.iou + pair.distance + (wide + high)
  }
}
