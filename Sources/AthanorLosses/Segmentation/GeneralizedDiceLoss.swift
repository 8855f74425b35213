import AthanorCore

/// Dice over all classes at once, each weighed by the inverse of its squared size.
///
/// 1 − 2Σ_c w_c I_c / Σ_c w_c(Σp+Σg), w_c = 1/(Σg)²; the infinite weight of an absent class is set
/// to the largest finite one.
///
/// Source: Sudre et al. 2017, as NiftyNet.
public struct GeneralizedDiceLoss: RegionLoss {
  public static let name = "generalized_dice"
  public static let summary = "Dice over all classes, weighed by 1/size^2"
  public static let source = "Sudre et al. 2017, as NiftyNet"

  public init(_ options: NoOptions = NoOptions()) {}

  func value(of regions: [Region]) -> (loss: Double, derivatives: [Region.Derivatives]) {
    let finite = regions.filter { $0.truth > 0 }.map { 1 / ($0.truth * $0.truth) }
    // One channel and no foreground pixel.
    guard let largest = finite.max() else {
      return (0, regions.map { _ in .init() })
    }
    let weights = regions.map { $0.truth > 0 ? 1 / ($0.truth * $0.truth) : largest }
    var (top, bottom) = (0.0, 0.0)
    for (w, region) in zip(weights, regions) {
      top += 2 * w * region.intersection
      bottom += w * (region.predicted + region.truth)
    }
    return (
      1 - top / bottom,
      weights.map {
        .init(intersection: -2 * $0 / bottom, predicted: $0 * top / (bottom * bottom))
      }
    )
  }
}
