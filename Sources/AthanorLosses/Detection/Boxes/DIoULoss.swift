import AthanorCore
import AthanorKernels

/// 1 − IoU + ρ²/(c² + ε): IoU and the distance of the centres, ρ, over the diagonal of the smallest
/// enclosing box, c.
///
/// Range: 0 to 2.
/// Source: Zheng et al. 2020, eq. 7.
public struct DIoULoss: PairwiseBoxLoss {
  public static let name = "diou"
  public static let summary = "1 - IoU plus the centres' squared distance over the diagonal's"
  public static let source = "Zheng et al. 2020, eq. 7"

  public init(_ options: NoOptions = NoOptions()) {}

  @inline(__always)
  func value<T: FloatingScalar>(_ pair: BoxPair<T>) -> Dual<T> {
    1 - pair.iou + pair.distance
  }
}
