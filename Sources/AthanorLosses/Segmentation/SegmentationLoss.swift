import AthanorCore
import AthanorTensor

/// A loss between logits and a mask.
///
/// Shapes: logits `[N,H,W,C]` floating; target `[N,H,W]` uint8, a class index or 255 for a pixel to
/// ignore; result `[]`. With one channel, class 1 has the probability σ(logit).
/// With no valid pixel the loss and its gradient are 0.
/// Errors: traps on other shapes or types, and on a target class without a logit.
public protocol SegmentationLoss: Registered, Sendable {
  func callAsFunction(_ logits: Tensor, _ target: Tensor) -> Tensor

  /// The loss in an epoch, counted from 0, where its weights follow a schedule.
  func callAsFunction(_ logits: Tensor, _ target: Tensor, epoch: Int) -> Tensor

  /// Whether the loss is weighted by class frequencies that its options do not give. It then uses
  /// those of each batch, unless it is `fitted` to those of a data set.
  ///
  /// Nothing else is computed from a data set in advance. Distance maps (`boundary`, the borders of
  /// `weighted_cross_entropy`) depend on how each mask is cropped, scaled and flipped for
  /// the batch.
  var needsFrequencies: Bool { get }

  /// The loss with these class frequencies, where it needs any.
  func fitted(to frequencies: ClassFrequencies) -> Self

  /// Why the options do not fit this number of classes ("3 class weights for 4 classes"); nil where
  /// they do.
  func incompatibility(classes: Int) -> String?
}

extension SegmentationLoss {
  public func callAsFunction(_ logits: Tensor, _ target: Tensor, epoch: Int) -> Tensor {
    self(logits, target)
  }

  public var needsFrequencies: Bool { false }

  public func fitted(to frequencies: ClassFrequencies) -> Self { self }

  public func incompatibility(classes: Int) -> String? { nil }
}

/// Every segmentation loss by name.
public let segmentationLosses = Registry<any SegmentationLoss>(
  kind: "segmentation loss",
  [
    .init(CrossEntropyLoss.self) { $0 },
    .init(WeightedCrossEntropyLoss.self) { $0 },
    .init(BCELoss.self) { $0 },
    .init(FocalLoss.self) { $0 },
    .init(PixelSigmoidFocalLoss.self) { $0 },
    .init(DiceLoss.self) { $0 },
    .init(GeneralizedDiceLoss.self) { $0 },
    .init(JaccardLoss.self) { $0 },
    .init(LovaszSoftmaxLoss.self) { $0 },
    .init(TverskyLoss.self) { $0 },
    .init(ExponentialLogarithmicLoss.self) { $0 },
    .init(BoundaryLoss.self) { $0 },
    .init(LossSum.self) { $0 },
  ])

extension Registry<any SegmentationLoss> {
  /// Adds a loss of one's own, under its name.
  public func register<T: SegmentationLoss>(_ type: T.Type) { add(.init(type) { $0 }) }
}

/// Traps unless the shapes and types are those of a segmentation loss.
func requireLogits(_ logits: Tensor, _ target: Tensor, _ name: String) {
  precondition(
    logits.rank == 4 && logits.dtype.isFloating && logits.shape[3] > 0
      && target.shape == Array(logits.shape.dropLast()) && target.dtype == .uint8,
    "\(name): needs floating logits [N,H,W,C] and a uint8 target [N,H,W], "
      + "got \(logits) and \(target)"
  )
}

/// The class index of a pixel without a label.
let ignoredClass: UInt8 = 255

extension Tensor {
  /// Whether a mask labels any pixel: one that is 255 everywhere counts as none.
  public var labelsAnyPixel: Bool {
    precondition(dtype == .uint8, "labelsAnyPixel: needs a uint8 mask, got \(self)")
    return UnsafeBufferPointer(start: pointer(to: UInt8.self), count: count)
      .contains { $0 != ignoredClass }
  }
}
