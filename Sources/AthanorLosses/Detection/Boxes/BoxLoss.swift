import AthanorCore
import AthanorTensor

/// A loss between predicted and true boxes.
///
/// Shapes: prediction and target `[M,4]` as x1, y1, x2, y2, continuous (no + 1); result `[M]`, one
/// loss a box.
/// Errors: traps on other shapes.
public protocol BoxLoss: Registered, Sendable {
  func callAsFunction(_ prediction: Tensor, _ target: Tensor) -> Tensor
}

/// Every box loss by name.
public let boxLosses = Registry<any BoxLoss>(
  kind: "box loss",
  [
    .init(L1Loss.self) { $0 },
    .init(L2Loss.self) { $0 },
    .init(SmoothL1Loss.self) { $0 },
    .init(IoULoss.self) { $0 },
    .init(GIoULoss.self) { $0 },
  ])

/// What keeps quotients of areas finite.
let boxEpsilon = 1e-7

/// The parts that the IoU family is made of, each `[M]` and differentiable.
struct BoxOverlap {
  let intersection: Tensor
  let union: Tensor
  /// The smallest box that encloses both.
  let enclosingWidth: Tensor
  let enclosingHeight: Tensor

  init(_ prediction: Tensor, _ target: Tensor) {
    precondition(
      prediction.rank == 2 && prediction.shape[1] == 4 && prediction.shape == target.shape,
      "box loss: prediction \(prediction) with target \(target)")
    func side(_ i: Int, _ tensor: Tensor) -> Tensor { tensor.selected(i, axis: 1) }
    func area(_ tensor: Tensor) -> Tensor {
      (side(2, tensor) - side(0, tensor)) * (side(3, tensor) - side(1, tensor))
    }
    let zero = Tensor(0, prediction.dtype)
    let width =
      side(2, prediction).minimum(side(2, target)) - side(0, prediction).maximum(side(0, target))
    let height =
      side(3, prediction).minimum(side(3, target)) - side(1, prediction).maximum(side(1, target))
    intersection = width.maximum(zero) * height.maximum(zero)
    union = area(prediction) + area(target) - intersection
    enclosingWidth =
      side(2, prediction).maximum(side(2, target)) - side(0, prediction).minimum(side(0, target))
    enclosingHeight =
      side(3, prediction).maximum(side(3, target)) - side(1, prediction).minimum(side(1, target))
  }

  /// I/(U + ε).
  var iou: Tensor { intersection / (union + boxEpsilon) }
}
