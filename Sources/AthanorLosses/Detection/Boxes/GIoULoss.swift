import AthanorCore
import AthanorKernels

/// 1 − [I/(U + ε) − (C − U)/(C + ε)], C the area of the smallest enclosing box.
///
/// Range: 0 to 2. It equals 1 − IoU where one box encloses the other.
/// Source: Rezatofighi et al. 2019, algorithm 1.
public struct GIoULoss: PairwiseBoxLoss {
  public static let name = "giou"
  public static let summary = "1 - GIoU: IoU less the empty share of the enclosing box"
  public static let source = "Rezatofighi et al. 2019, algorithm 1"

  public init(_ options: NoOptions = NoOptions()) {}

  @inline(__always)
  func value<T: FloatingScalar>(_ pair: BoxPair<T>) -> Dual<T> {
    let (intersection, sides, epsilon) = (pair.intersection, pair.enclosing, BoxPair<T>.epsilon)
    let union = pair.union(intersection)
    let area = sides.width * sides.height
    return 1 - (intersection / (union + epsilon) - (area - union) / (area + epsilon))
  }
}
