import AthanorCore
import AthanorTensor

/// Σx² over the four coordinate differences: 4× PyTorch's `mean`.
public struct L2Loss: BoxLoss {
  public static let name = "l2"
  public static let summary = "sum of the squared coordinate differences"
  public static let source = "–"

  public init(_ options: NoOptions = NoOptions()) {}

  public func callAsFunction(_ prediction: Tensor, _ target: Tensor) -> Tensor {
    let difference = prediction - target
    return (difference * difference).sum(axes: [1])
  }
}
