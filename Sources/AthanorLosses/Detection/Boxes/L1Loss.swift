import AthanorCore
import AthanorTensor

/// Σ|x| over the four coordinate differences: 4× PyTorch's `mean`.
public struct L1Loss: BoxLoss {
  public static let name = "l1"
  public static let summary = "sum of the absolute coordinate differences"
  public static let source = "–"

  public init(_ options: NoOptions = NoOptions()) {}

  public func callAsFunction(_ prediction: Tensor, _ target: Tensor) -> Tensor {
    (prediction - target).abs().sum(axes: [1])
  }
}
