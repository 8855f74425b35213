import AthanorCore
import AthanorTensor

/// A loss between logits and a mask.
///
/// Shapes: logits `[N,H,W,C]` floating; target `[N,H,W]` uint8, a class index or 255 for a pixel that
/// counts nowhere; result `[]`. With one channel, class 1 has the probability σ(logit).
/// With no valid pixel the loss and its gradient are 0.
/// Errors: traps on other shapes or types, and on a target class that the logits lack.
public protocol SegmentationLoss: Registered, Sendable {
  func callAsFunction(_ logits: Tensor, _ target: Tensor) -> Tensor
}

/// Every segmentation loss by name.
public let segmentationLosses = Registry<any SegmentationLoss>(
  kind: "segmentation loss",
  [
    .init(CrossEntropyLoss.self) { $0 },
    .init(FocalLoss.self) { $0 },
    .init(DiceLoss.self) { $0 },
  ])

/// The mark of a pixel without a label.
let ignoredClass: UInt8 = 255

extension Tensor {
  /// Whether a mask labels any pixel at all; one that is 255 throughout is no mask.
  public var labelsAnyPixel: Bool {
    precondition(dtype == .uint8, "labelsAnyPixel: needs a uint8 mask, got \(self)")
    return UnsafeBufferPointer(start: pointer(to: UInt8.self), count: count)
      .contains { $0 != ignoredClass }
  }
}
