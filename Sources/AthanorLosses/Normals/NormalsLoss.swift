import AthanorCore
import AthanorTensor

/// A loss between predicted and true surface normals.
///
/// Shapes: prediction and target `[N,H,W,3]` floating; a target is valid where its length is finite
/// and not 0; result `[]`. With no valid pixel the loss and its gradient are 0.
/// Errors: traps on other shapes or types.
public protocol NormalsLoss: Registered, Sendable {
  func callAsFunction(_ prediction: Tensor, _ target: Tensor) -> Tensor
}

/// Every loss of surface normals by name.
public let normalsLosses = Registry<any NormalsLoss>(
  kind: "loss of normals", [.init(CosineLoss.self) { $0 }])

extension Registry<any NormalsLoss> {
  /// Adds a loss of one's own, under its name.
  public func register<T: NormalsLoss>(_ type: T.Type) { add(.init(type) { $0 }) }
}

/// 1 − mean q·y over valid pixels, q = p/max(‖p‖, 1e-12).
///
/// Range: 0 to 2.
/// Source: Eigen & Fergus 2015, §4.2; Liu et al. 2019 (MTAN).
public struct CosineLoss: NormalsLoss {
  public static let name = "cosine"
  public static let summary = "1 - mean cosine of the angle between the normals"
  public static let source = "Eigen & Fergus 2015, §4.2; Liu et al. 2019 (MTAN)"

  public init(_ options: NoOptions = NoOptions()) {}

  public func callAsFunction(_ prediction: Tensor, _ target: Tensor) -> Tensor {
    precondition(
      prediction.rank == 4 && prediction.shape[3] == 3 && prediction.shape == target.shape
        && prediction.dtype.isFloating && target.dtype.isFloating,
      "\(Self.name): needs floating normals [N,H,W,3], got \(prediction) with target \(target)")
    let target = target.cast(to: prediction.dtype)
    let squares = target.pow(2).sum(axes: [3], keepDimensions: true)
    // False for NaN either way.
    let isValid = (squares > 0) * (squares < .infinity)
    let count = isValid.cast(to: .float64).sum().scalar
    guard count > 0 else { return prediction.sum() * 0 }
    // A NaN that is left in would reach the gradient: 0 · NaN is NaN.
    let zeros = target.zerosLike()
    let (p, y) = (Tensor.where(isValid, prediction, zeros), Tensor.where(isValid, target, zeros))
    // The derivative of a square root is infinite at 0.
    let length = p.pow(2).sum(axes: [3]).maximum(1e-24).sqrt()
    return 1 - ((p * y).sum(axes: [3]) / length).sum() * (1 / count)
  }
}
