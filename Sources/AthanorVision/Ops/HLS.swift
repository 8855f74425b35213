/// HLS from RGB in float, H in 0…180 (degrees halved): with channels in 0…1, `L = (max + min)/2`,
/// `Δ = max − min`, `S = Δ/(max + min)`, or `Δ/(2 − max − min)` from L = 1/2 on, and by the channel
/// that is the maximum, R before G before B, `2H = (G − B)·60/Δ`, `(B − R)·60/Δ + 120` or
/// `(R − G)·60/Δ + 240`, 360 added below 0.
///
/// Parity: `cv::cvtColor(COLOR_RGB2HLS)` as OpenCV 4.6 runs on AVX2, byte for byte. There the whole
/// groups of 8 pixels of a row subtract `max + min` at once and add 360 in the same rounding as the
/// product, while the up to 7 pixels after them subtract and add one after the other.
func rgbToHLS(_ src: Pixels, into dst: MutablePixels) {
  mapColorRows("rgbToHLS", src, into: dst) { src, dst, width in
    let whole = width & ~7
    for x in 0..<whole { writeHLS(src + 3 &* x, dst + 3 &* x, atOnce: true) }
    for x in whole..<width { writeHLS(src + 3 &* x, dst + 3 &* x, atOnce: false) }
  }
}

@inline(__always)
private func writeHLS(
  _ from: UnsafePointer<UInt8>, _ to: UnsafeMutablePointer<UInt8>, atOnce: Bool
) {
  let scale: Float = 1 / 255
  let (r, g, b) = (Float(from[0]) * scale, Float(from[1]) * scale, Float(from[2]) * scale)
  // Written out, because the library's `max` of floats does not compile to one instruction.
  let (highest, lowest) = (r > g ? r : g, r > g ? g : r)
  let (high, low) = (highest > b ? highest : b, lowest < b ? lowest : b)
  let (sum, spread) = (high + low, high - low)
  let lightness = sum * 0.5
  let isGray = spread == 0
  let divisor = isGray ? 1 : spread
  let range = lightness < 0.5 ? sum : atOnce ? 2 - sum : 2 - high - low
  let saturation = isGray ? 0 : spread / (isGray ? 1 : range)
  let (difference, base): (Float, Float) =
    high == r ? (g - b, atOnce && g < b ? 360 : 0) : high == g ? (b - r, 120) : (r - g, 240)
  let angle = base.addingProduct(difference, 60 / divisor)
  let hue = isGray ? 0 : angle < 0 ? angle + 360 : angle
  to[0] = saturated(hue * 0.5)
  to[1] = saturated(lightness * 255)
  to[2] = saturated(saturation * 255)
}

/// RGB from HLS in float: with `p = L(1 + S)`, or `L + S − L·S` above L = 1/2, and `q = 2L − p`,
/// the channels are `p`, `q` and `q + (p − q)·f`, with `1 − f` for `f` in odd sectors of the hue.
///
/// Parity: `cv::cvtColor(COLOR_HLS2RGB)`, byte for byte.
func rgbFromHLS(_ src: Pixels, into dst: MutablePixels) {
  mapColorRows("rgbFromHLS", src, into: dst) { src, dst, width in
    for x in 0..<width {
      let sector = HueSector(src + 3 &* x)
      let (l, s) = (Float(src[3 &* x &+ 1]) * (1 / 255), Float(src[3 &* x &+ 2]) * (1 / 255))
      let high = l <= 0.5 ? l * (1 + s) : l + s - l * s
      let low = 2 * l - high
      let fraction = sector.isOdd ? 1 - sector.fraction : sector.fraction
      let middle = low + (high - low) * fraction
      sector.store(
        dst + 3 &* x, high: saturated(high * 255), low: saturated(low * 255),
        middle: saturated(middle * 255))
    }
  }
}
