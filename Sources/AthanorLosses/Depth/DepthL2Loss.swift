import AthanorCore
import AthanorTensor

/// mean (p − y)².
public struct DepthL2Loss: DepthLoss {
  public static let name = "l2"
  public static let summary = "mean (p - y)² over valid depths"
  public static let source = "PyTorch's MSELoss"

  public init(_ options: NoOptions = NoOptions()) {}

  public func callAsFunction(_ prediction: Tensor, _ target: Tensor) -> Tensor {
    let pair = DepthPair(prediction, target, Self.name)
    return pair.mean(pair.difference.pow(2))
  }
}
