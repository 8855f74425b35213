import AthanorCore
import AthanorTensor

/// mean |p − y|.
///
/// Source: Liu et al. 2019 (MTAN), and most work since.
public struct DepthL1Loss: DepthLoss {
  public static let name = "l1"
  public static let summary = "mean |p - y| over valid depths"
  public static let source = "Liu et al. 2019 (MTAN)"

  public init(_ options: NoOptions = NoOptions()) {}

  public func callAsFunction(_ prediction: Tensor, _ target: Tensor) -> Tensor {
    let pair = DepthPair(prediction, target, Self.name)
    return pair.mean(pair.difference.abs())
  }
}
