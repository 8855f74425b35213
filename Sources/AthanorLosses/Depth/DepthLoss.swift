import AthanorCore
import AthanorTensor

/// A loss between a predicted and a true depth: a mean over the valid pixels of the batch.
///
/// Shapes: prediction and target `[N,H,W]` floating; a target is valid where finite and above 0;
/// result `[]`. With no valid pixel the loss and its gradient are 0.
/// Errors: traps on other shapes or types.
public protocol DepthLoss: Registered, Sendable {
  func callAsFunction(_ prediction: Tensor, _ target: Tensor) -> Tensor
}

/// Every depth loss by name.
public let depthLosses = Registry<any DepthLoss>(
  kind: "depth loss",
  [
    .init(DepthL1Loss.self) { $0 },
    .init(DepthL2Loss.self) { $0 },
    .init(DepthSmoothL1Loss.self) { $0 },
    .init(BerHuLoss.self) { $0 },
    .init(ScaleInvariantLogLoss.self) { $0 },
  ])

extension Registry<any DepthLoss> {
  /// Adds a loss of one's own, under its name.
  public func register<T: DepthLoss>(_ type: T.Type) { add(.init(type) { $0 }) }
}

/// The valid pixels of a batch of depths.
struct DepthPair {
  /// Prediction − target; 0 where the target is not valid.
  let difference: Tensor
  private let prediction: Tensor
  private let target: Tensor
  private let isValid: Tensor
  private let count: Double

  init(_ prediction: Tensor, _ target: Tensor, _ name: String) {
    precondition(
      prediction.rank == 3 && prediction.shape == target.shape && prediction.dtype.isFloating
        && target.dtype.isFloating,
      "\(name): needs floating depths [N,H,W], got \(prediction) with target \(target)")
    let target = target.cast(to: prediction.dtype)
    isValid = Tensor.isValidDepth(target)
    let zeros = prediction.zerosLike()
    self.prediction = prediction
    self.target = target
    difference = .where(isValid, prediction - target, zeros)
    count = max(1, isValid.cast(to: .float64).sum().scalar)
  }

  /// The mean over valid pixels of values that are 0 elsewhere.
  func mean(_ values: Tensor) -> Tensor { values.sum() * (1 / count) }

  /// ln max(prediction, `least`) − ln target; 0 where the target is not valid.
  func logDifference(least: Double) -> Tensor {
    let ones = prediction.onesLike()
    let p = Tensor.where(isValid, prediction.clip(least, .infinity), ones)
    return p.log() - Tensor.where(isValid, target, ones).log()
  }
}

extension Tensor {
  /// Where a depth is finite and above 0.
  fileprivate static func isValidDepth(_ depth: Tensor) -> Tensor {
    let largest =
      depth.dtype == .float32
      ? Double(Float.greatestFiniteMagnitude) : Double.greatestFiniteMagnitude
    // False for NaN either way.
    return (depth > 0) * (depth <= largest)
  }
}
