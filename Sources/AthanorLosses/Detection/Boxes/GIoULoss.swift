import AthanorCore
import AthanorTensor

/// 1 − [I/(U + ε) − (C − U)/(C + ε)], C the area of the smallest enclosing box.
///
/// Range: 0 to 2. It equals 1 − IoU where one box encloses the other.
/// Source: Rezatofighi et al. 2019, algorithm 1.
public struct GIoULoss: BoxLoss {
  public static let name = "giou"
  public static let summary = "1 - GIoU: IoU less the empty share of the enclosing box"
  public static let source = "Rezatofighi et al. 2019, algorithm 1"

  public init(_ options: NoOptions = NoOptions()) {}

  public func callAsFunction(_ prediction: Tensor, _ target: Tensor) -> Tensor {
    let overlap = BoxOverlap(prediction, target)
    let enclosing = overlap.enclosingWidth * overlap.enclosingHeight
    return 1 - (overlap.iou - (enclosing - overlap.union) / (enclosing + boxEpsilon))
  }
}
