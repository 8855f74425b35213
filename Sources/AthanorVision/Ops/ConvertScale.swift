import AthanorKernels

/// `dst = saturate(α·src + β)`, rounded to the nearest integer, ties to even.
///
/// Parity: `cv::Mat::convertTo(CV_8U, α, β)`, byte for byte: one fused multiply-add in float.
public func convertScale(_ src: Pixels, into dst: MutablePixels, alpha: Double, beta: Double) {
  precondition(
    src.width == dst.width && src.height == dst.height && src.channels == dst.channels,
    "convertScale: \(src.width)×\(src.height)×\(src.channels) into "
      + "\(dst.width)×\(dst.height)×\(dst.channels)")
  let (a, b) = (Float(alpha), Float(beta))
  let count = src.width * src.channels
  // OpenCV converts through 32-bit integers: values beyond their range become 0, here too.
  let overflows = !(abs(a) * 255 + abs(b) < 0x1p31)
  let table = (0..<(overflows ? 256 : 0)).map { value in
    let sum = b.addingProduct(a, Float(value))
    return sum < 0x1p31 ? saturated(sum) : 0
  }
  if overflows {
    for y in 0..<src.height {
      for x in 0..<count { dst.row(y)[x] = table[Int(src.row(y)[x])] }
    }
    return
  }
  parallelRanges(src.height, grain: rowGrain(count)) { rows in
    for y in rows { convertRow(src.row(y), dst.row(y), count, a, b) }
  }
}

private func convertRow(
  _ src: UnsafePointer<UInt8>, _ dst: UnsafeMutablePointer<UInt8>, _ count: Int, _ a: Float,
  _ b: Float
) {
  for x in 0..<count { dst[x] = saturated(b.addingProduct(a, Float(src[x]))) }
}

extension Image {
  /// `saturate(α·v + β)` of every value.
  public func scaled(alpha: Double, beta: Double) -> Image {
    Image(width: width, height: height, channels: channels) { dst in
      withPixels { convertScale($0, into: dst, alpha: alpha, beta: beta) }
    }
  }
}
