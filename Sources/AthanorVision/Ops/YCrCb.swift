/// YCrCb from RGB: `Y = (4899·R + 9617·G + 1868·B + 2¹³) >> 14`,
/// `Cr = ((R − Y)·11682 + 128·2¹⁴ + 2¹³) >> 14`, `Cb = ((B − Y)·9241 + 128·2¹⁴ + 2¹³) >> 14`.
///
/// Parity: `cv::cvtColor(COLOR_RGB2YCrCb)`, byte for byte.
func rgbToYCrCb(_ src: Pixels, into dst: MutablePixels) {
  mapColorRows("rgbToYCrCb", src, into: dst) { src, dst, width in
    for x in 0..<width {
      let (from, to) = (src + 3 &* x, dst + 3 &* x)
      let (r, g, b) = (Int32(from[0]), Int32(from[1]), Int32(from[2]))
      let y = (r &* 4899 &+ g &* 9617 &+ b &* 1868 &+ 8192) &>> 14
      to[0] = UInt8(truncatingIfNeeded: y)
      to[1] = clamped(((r &- y) &* 11682 &+ 2_105_344) &>> 14)
      to[2] = clamped(((b &- y) &* 9241 &+ 2_105_344) &>> 14)
    }
  }
}

/// RGB from YCrCb: `R = Y + ((22987·r + 2¹³) >> 14)`, `G = Y + ((2¹³ − 11698·r − 5636·b) >> 14)`,
/// `B = Y + ((29049·b + 2¹³) >> 14)` with `r = Cr − 128`, `b = Cb − 128`, each clamped to 0…255.
///
/// Parity: `cv::cvtColor(COLOR_YCrCb2RGB)`, byte for byte.
func rgbFromYCrCb(_ src: Pixels, into dst: MutablePixels) {
  mapColorRows("rgbFromYCrCb", src, into: dst) { src, dst, width in
    for x in 0..<width {
      let (from, to) = (src + 3 &* x, dst + 3 &* x)
      let (y, cr, cb) = (Int32(from[0]), Int32(from[1]) &- 128, Int32(from[2]) &- 128)
      to[0] = clamped(y &+ (cr &* 22987 &+ 8192) &>> 14)
      to[1] = clamped(y &+ (8192 &- cr &* 11698 &- cb &* 5636) &>> 14)
      to[2] = clamped(y &+ (cb &* 29049 &+ 8192) &>> 14)
    }
  }
}
