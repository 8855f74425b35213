import AthanorCore
import AthanorTensor

/// The reverse Huber loss: with d = p − y, |d| where |d| ≤ c, elsewhere (d² + c²)/(2c); the mean
/// over valid depths. c = .2 · max |d| of the batch, a constant to the gradient.
///
/// Source: Laina et al. 2016, eq. 2.
public struct BerHuLoss: DepthLoss {
  public static let name = "berhu"
  public static let summary = "l1, squared above a fifth of the batch's largest error"
  public static let source = "Laina et al. 2016, eq. 2"

  public init(_ options: NoOptions = NoOptions()) {}

  public func callAsFunction(_ prediction: Tensor, _ target: Tensor) -> Tensor {
    let pair = DepthPair(prediction, target, Self.name)
    let size = pair.difference.abs()
    let c = size.count > 0 ? 0.2 * size.detached().maximum(axes: nil).scalar : 0
    guard c > 0 else { return pair.mean(size) }
    return pair.mean(.where(size <= c, size, (size.pow(2) + c * c) * (1 / (2 * c))))
  }
}
