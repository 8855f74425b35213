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
  // OpenCV converts through 32-bit integers: a value beyond them becomes 0, and so here.
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
  let (raw, out) = (UnsafeRawPointer(src), UnsafeMutableRawPointer(dst))
  let (scale, shift) = (SIMD16<Float>(repeating: a), SIMD16<Float>(repeating: b))
  var x = 0
  while x &+ 16 <= count {
    let bytes = raw.loadUnaligned(fromByteOffset: x, as: SIMD16<UInt8>.self)
    let values = SIMD16<Float>(SIMD16<Int32>(truncatingIfNeeded: bytes))
    out.storeBytes(
      of: saturated(shift.addingProduct(scale, values)), toByteOffset: x, as: SIMD16<UInt8>.self)
    x &+= 16
  }
  while x < count {
    dst[x] = saturated(b.addingProduct(a, Float(src[x])))
    x &+= 1
  }
}

/// The nearest integers, ties to even, held within 0…255.
@inline(__always) func saturated(_ values: SIMD16<Float>) -> SIMD16<UInt8> {
  let clamped = pointwiseMin(
    pointwiseMax(values, SIMD16(repeating: 0)), SIMD16(repeating: 255))
  let bits = unsafeBitCast(clamped + 8_388_608, to: SIMD16<UInt32>.self)
  return SIMD16<UInt8>(truncatingIfNeeded: bits)
}

extension Image {
  /// `saturate(α·v + β)` of every value.
  public func scaled(alpha: Double, beta: Double) -> Image {
    Image(width: width, height: height, channels: channels) { dst in
      withPixels { convertScale($0, into: dst, alpha: alpha, beta: beta) }
    }
  }
}
