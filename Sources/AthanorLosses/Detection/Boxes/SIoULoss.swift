import AthanorCore
import AthanorKernels

/// 1 − IoU + ½(Δ + Ω): Δ the distance of the centres, reduced where they differ along both axes,
/// Ω the difference of the shapes.
///
/// Λ = sin 2α = 2|Δx||Δy|/ρ²; Δ = Σ_{x,y} (1 − e^{−(2 − Λ)ρ_t}), ρ_x = (Δx/C_w)²;
/// Ω = Σ_{w,h} (1 − e^{−ω})⁴, ω = |w − w_g|/max(w, w_g).
/// Source: Gevorgyan 2022, as YOLOv6 has it.
public struct SIoULoss: PairwiseBoxLoss {
  public static let name = "siou"
  public static let summary = "1 - IoU plus the costs of angle, distance and shape"
  public static let source = "Gevorgyan 2022, as YOLOv6"

  public init(_ options: NoOptions = NoOptions()) {}

  @inline(__always)
  func value<T: FloatingScalar>(_ pair: BoxPair<T>) -> Dual<T> {
    let (offset, sides, epsilon) = (pair.offset, pair.enclosing, BoxPair<T>.epsilon)
    let (x, y) = (offset.x.squared, offset.y.squared)
    let sine =
      offset.x.magnitude * offset.y.magnitude * 2 / (x + y).maximum(Dual(epsilon))
    let exponent = 2 - sine
    let near = (-(exponent * (x / (sides.width.squared + epsilon)))).exp
    let above = (-(exponent * (y / (sides.height.squared + epsilon)))).exp
    let distance = 2 - (near + above)
    let shape = shapeCost(pair.width, pair.targetWidth) + shapeCost(pair.height, pair.targetHeight)
    return 1 - pair.iou + (distance + shape) * 0.5
  }

  /// (1 − e^{−ω})⁴.
  @inline(__always)
  private func shapeCost<T: FloatingScalar>(_ side: Dual<T>, _ target: Dual<T>) -> Dual<T> {
    let larger = side.maximum(target).maximum(Dual(BoxPair<T>.epsilon))
    let omega = (side - target).magnitude / larger
    return (1 - (-omega).exp).squared.squared
  }
}
