import AthanorCore
import AthanorKernels

/// Σx² over the four coordinate differences: 4× PyTorch's `mean`.
public struct L2Loss: PairwiseBoxLoss {
  public static let name = "l2"
  public static let summary = "sum of the squared coordinate differences"
  public static let source = "–"

  public init(_ options: NoOptions = NoOptions()) {}

  @inline(__always)
  func value<T: FloatingScalar>(_ pair: BoxPair<T>) -> Dual<T> {
    pair.sumOverCoordinates { $0.squared }
  }
}
