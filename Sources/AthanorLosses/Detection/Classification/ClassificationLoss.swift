import AthanorCore
import AthanorTensor

/// A loss between the class logits of points and the class of the box each is responsible for.
///
/// Shapes: logits `[P,K]`; labels `[P]` int32: a class, `background`, or `ignored` for a point that
/// is left out; result `[]`, the sum over points and classes.
/// Errors: traps on other shapes.
public protocol ClassificationLoss: Registered, Sendable {
  func callAsFunction(_ logits: Tensor, _ labels: Tensor) -> Tensor
}

/// Labels of points that are responsible for no box.
public enum PointLabel {
  public static let background: Int32 = -1
  public static let ignored: Int32 = -2
}

/// Every classification loss of the detection head by name.
public let classificationLosses = Registry<any ClassificationLoss>(
  kind: "classification loss",
  [
    .init(SigmoidFocalLoss.self) { $0 },
    .init(BinaryCrossEntropyLoss.self) { $0 },
  ])

extension Registry<any ClassificationLoss> {
  /// Adds a loss of one's own, under its name.
  public func register<T: ClassificationLoss>(_ type: T.Type) { add(.init(type) { $0 }) }
}
