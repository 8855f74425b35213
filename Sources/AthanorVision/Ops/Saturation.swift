import AthanorKernels

/// Strengthens (`amount` > 0) or weakens (< 0) the colours of an RGB image without changing
/// its lightness.
///
/// With `L = (max + min)/2`, `Δ = max − min` of a pixel's channels and `S = Δ/(2L)` or, above
/// middle lightness, `Δ/(510 − 2L)`: for `s ≥ 0`, `v + (v − L)·(1/a − 1)` with `a = S` where
/// `s + S ≥ 1`, else `1 − s`; for `s < 0`, `L + (v − L)·(1 + s)`. Gray pixels are unchanged.
/// Results are rounded to the nearest integer, ties to even, and clamped to 0…255.
///
/// Units/range: `amount` in −1…1; −1 leaves gray.
/// Source: the saturation step of Preprocessing4Semantic (HSL as in common photo editors).
public func saturate(_ src: Pixels, into dst: MutablePixels, amount: Float) {
  precondition(
    src.channels == 3 && dst.channels == 3 && src.width == dst.width && src.height == dst.height,
    "saturate: \(src.width)×\(src.height)×\(src.channels) into "
      + "\(dst.width)×\(dst.height)×\(dst.channels)")
  parallelRanges(src.height, grain: rowGrain(12 * src.width)) { rows in
    for y in rows {
      if amount >= 0 {
        strengthenRow(src.row(y), dst.row(y), src.width, amount)
      } else {
        weakenRow(src.row(y), dst.row(y), src.width, 1 + amount)
      }
    }
  }
}

private func strengthenRow(
  _ src: UnsafePointer<UInt8>, _ dst: UnsafeMutablePointer<UInt8>, _ width: Int, _ s: Float
) {
  for x in 0..<width {
    let (from, to) = (src + 3 &* x, dst + 3 &* x)
    let (r, g, b) = (Int32(from[0]), Int32(from[1]), Int32(from[2]))
    let (high, low) = (max(r, g, b), min(r, g, b))
    let (sum, spread) = (high &+ low, high &- low)
    // A gray pixel has v = L: no finite factor changes it.
    let range = max(1, sum < 255 ? sum : 510 &- sum)
    let saturation = Float(max(1, spread)) / Float(range)
    let a = s + saturation >= 1 ? saturation : 1 - s
    let factor = 1 / a - 1
    let lightness = Float(sum) * 0.5
    to[0] = saturated(Float(r) + (Float(r) - lightness) * factor)
    to[1] = saturated(Float(g) + (Float(g) - lightness) * factor)
    to[2] = saturated(Float(b) + (Float(b) - lightness) * factor)
  }
}

private func weakenRow(
  _ src: UnsafePointer<UInt8>, _ dst: UnsafeMutablePointer<UInt8>, _ width: Int, _ keep: Float
) {
  for x in 0..<width {
    let (from, to) = (src + 3 &* x, dst + 3 &* x)
    let (r, g, b) = (Int32(from[0]), Int32(from[1]), Int32(from[2]))
    let lightness = Float(max(r, g, b) &+ min(r, g, b)) * 0.5
    to[0] = saturated(lightness + (Float(r) - lightness) * keep)
    to[1] = saturated(lightness + (Float(g) - lightness) * keep)
    to[2] = saturated(lightness + (Float(b) - lightness) * keep)
  }
}

extension Image {
  /// The RGB image with its colours strengthened or weakened; see `saturate`.
  public func saturated(by amount: Float) -> Image {
    Image(width: width, height: height, channels: 3) { dst in
      withPixels { saturate($0, into: dst, amount: amount) }
    }
  }
}
