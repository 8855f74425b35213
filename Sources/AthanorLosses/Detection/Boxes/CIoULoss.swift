import AthanorCore
import AthanorKernels

/// DIoU + αv, v = 4/π²·(atan2(w_g, h_g) − atan2(w, h))², α = v/(1 − IoU + v + ε) detached.
///
/// The gradient of atan2(w, h) is (h, −w)/max(w² + h², ε): finite for a box of no size.
/// Source: Zheng et al. 2020, eq. 8 to 12.
public struct CIoULoss: PairwiseBoxLoss {
  public static let name = "ciou"
  public static let summary = "DIoU plus the difference of the aspect ratios"
  public static let source = "Zheng et al. 2020, eq. 10"

  public init(_ options: NoOptions = NoOptions()) {}

  @inline(__always)
  func value<T: FloatingScalar>(_ pair: BoxPair<T>) -> Dual<T> {
    let (iou, epsilon) = (pair.iou, BoxPair<T>.epsilon)
    let (w, h) = (pair.width, pair.height)
    let size = max(w.value * w.value + h.value * h.value, epsilon)
    let angle = Dual(
      T.atan2(w.value, h.value), (w.derivative * h.value - h.derivative * w.value) / size)
    let target = T.atan2(pair.targetWidth.value, pair.targetHeight.value)
    let v = (target - angle).squared * (4 / (T.pi * T.pi))
    let alpha = v.value / max(1 - iou.value + v.value + epsilon, epsilon)
    return 1 - iou + pair.distance + v * alpha
  }
}
