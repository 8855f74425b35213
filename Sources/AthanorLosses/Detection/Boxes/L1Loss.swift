import AthanorCore
import AthanorKernels

/// Σ|x| over the four coordinate differences: 4× PyTorch's `mean`.
public struct L1Loss: PairwiseBoxLoss {
  public static let name = "l1"
  public static let summary = "sum of the absolute coordinate differences"
  public static let source = "–"

  public init(_ options: NoOptions = NoOptions()) {}

  @inline(__always)
  func value<T: FloatingScalar>(_ pair: BoxPair<T>) -> Dual<T> {
    pair.sumOverCoordinates { $0.magnitude }
  }
}

extension BoxPair {
  /// Σ of `term` of the four coordinate differences.
  @inline(__always)
  func sumOverCoordinates(_ term: (Dual<T>) -> Dual<T>) -> Dual<T> {
    term(prediction.0 - target.0) + term(prediction.1 - target.1)
      + (term(prediction.2 - target.2) + term(prediction.3 - target.3))
  }
}
