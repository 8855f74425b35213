import AthanorCore
import AthanorTensor

/// With d = ln p − ln y: mean d² − ½ (mean d)² over valid depths; p is at least 1e-6.
///
/// Source: Eigen et al. 2014, eq. 4, λ = ½.
public struct ScaleInvariantLogLoss: DepthLoss {
  public static let name = "scale_invariant_log"
  public static let summary = "errors of ln depth, half of a common factor forgiven"
  public static let source = "Eigen et al. 2014, eq. 4"

  public init(_ options: NoOptions = NoOptions()) {}

  public func callAsFunction(_ prediction: Tensor, _ target: Tensor) -> Tensor {
    let pair = DepthPair(prediction, target, Self.name)
    let difference = pair.logDifference(least: 1e-6)
    return pair.mean(difference.pow(2)) - pair.mean(difference).pow(2) * 0.5
  }
}
