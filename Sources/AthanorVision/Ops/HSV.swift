/// HSV from RGB, H in 0…179 (degrees halved): with `V = max`, `Δ = V − min`,
/// `S = (Δ·⌊255·2¹²/V⌉ + 2¹¹) >> 12` and, by the channel that is the maximum, R before G before B,
/// `H = (h·⌊30·2¹²/Δ⌉ + 2¹¹) >> 12` of `h = G − B`, `B − R + 2Δ` or `R − G + 4Δ`, 180 added to a
/// negative H.
///
/// Parity: `cv::cvtColor(COLOR_RGB2HSV)`, byte for byte.
func rgbToHSV(_ src: Pixels, into dst: MutablePixels) {
  mapColorRows("rgbToHSV", src, into: dst) { src, dst, width in
    for x in 0..<width {
      let (from, to) = (src + 3 &* x, dst + 3 &* x)
      let (r, g, b) = (Int32(from[0]), Int32(from[1]), Int32(from[2]))
      let v = max(r, g, b)
      let spread = v &- min(r, g, b)
      let s = (spread &* roundedQuotient(1_044_480, v) &+ 2048) &>> 12
      let sector =
        v == r ? g &- b : v == g ? b &- r &+ 2 &* spread : r &- g &+ 4 &* spread
      let h = (sector &* roundedQuotient(122_880, spread) &+ 2048) &>> 12
      to[0] = UInt8(truncatingIfNeeded: h < 0 ? h &+ 180 : h)
      to[1] = UInt8(truncatingIfNeeded: s)
      to[2] = UInt8(truncatingIfNeeded: v)
    }
  }
}

/// `numerator / divisor` to the nearest integer; something finite where the divisor is 0.
///
/// OpenCV uses tables of the quotients. Vectorised division is faster, and for these numerators
/// every float quotient rounds to the same integer as the exact one.
@inline(__always) private func roundedQuotient(_ numerator: Float, _ divisor: Int32) -> Int32 {
  let sum = numerator / Float(max(1, divisor)) + 8_388_608
  return Int32(bitPattern: sum.bitPattern) & 0x7F_FFFF
}

/// RGB from HSV in float: `h = H/30`, `f = h − ⌊h⌋`, and in the six sectors of `⌊h⌋` the channels
/// are `v`, `v(1 − s)`, and `v(1 − s·f)` in odd sectors or `v(1 − s(1 − f))` in even ones.
///
/// Parity: `cv::cvtColor(COLOR_HSV2RGB)` as OpenCV 4.6 runs on AVX2, byte for byte. There the whole
/// groups of 32 pixels of a row are truncated to integers, while the up to 31 pixels after them are
/// rounded to the nearest, and only the former fuse `1 − s(1 − f)`.
func rgbFromHSV(_ src: Pixels, into dst: MutablePixels) {
  mapColorRows("rgbFromHSV", src, into: dst) { src, dst, width in
    let whole = width & ~31
    for x in 0..<whole {
      let sector = HueSector(src + 3 &* x)
      let (s, v) = (Float(src[3 &* x &+ 1]) * (1 / 255), Float(src[3 &* x &+ 2]) * (1 / 255))
      let fraction = sector.isOdd ? sector.fraction : 1 - sector.fraction
      let middle = v * (1 as Float).addingProduct(-s, fraction)
      sector.store(
        dst + 3 &* x, high: cutOff(v * 255), low: cutOff(v * (1 - s) * 255),
        middle: cutOff(middle * 255))
    }
    for x in whole..<width {
      let sector = HueSector(src + 3 &* x)
      let (s, v) = (Float(src[3 &* x &+ 1]) * (1 / 255), Float(src[3 &* x &+ 2]) * (1 / 255))
      let middle =
        sector.isOdd
        ? v * (1 as Float).addingProduct(-s, sector.fraction)
        : v * (1 - s * (1 - sector.fraction))
      sector.store(
        dst + 3 &* x, high: saturated(v * 255), low: saturated(v * (1 - s) * 255),
        middle: saturated(middle * 255))
    }
  }
}

/// `value`, in 0..<256, without its fraction.
@inline(__always) private func cutOff(_ value: Float) -> UInt8 {
  UInt8(truncatingIfNeeded: (value.rounded(.down) + 8_388_608).bitPattern)
}

/// The sixth of the colour circle that a hue of 0…255 (180 is a full turn) lies in, and the
/// fraction within it.
struct HueSector {
  /// 0…5.
  let index: Float
  let fraction: Float

  @inline(__always) init(_ pixel: UnsafePointer<UInt8>) {
    let hue = Float(pixel[0]) * (6 / 180)
    let whole = hue.rounded(.down)
    fraction = hue - whole
    index = whole >= 6 ? whole - 6 : whole
  }

  @inline(__always) var isOdd: Bool { index == 1 || index == 3 || index == 5 }

  /// Writes the greatest, the least and the third channel of this sector as RGB.
  @inline(__always)
  func store(_ to: UnsafeMutablePointer<UInt8>, high: UInt8, low: UInt8, middle: UInt8) {
    let i = index
    to[0] = i == 0 || i == 5 ? high : i == 2 || i == 3 ? low : middle
    to[1] = i == 1 || i == 2 ? high : i >= 4 ? low : middle
    to[2] = i == 3 || i == 4 ? high : i <= 1 ? low : middle
  }
}
