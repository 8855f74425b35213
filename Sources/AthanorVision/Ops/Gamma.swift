#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// `dst = 255·(src/255)^exponent`, rounded to the nearest integer, ties to even.
///
/// Units/range: `exponent` > 0; below 1 brightens, above 1 darkens.
/// Parity: `cv::LUT` with that table, byte for byte.
public func gamma(_ src: Pixels, into dst: MutablePixels, exponent: Double) {
  lookUp(src, into: dst, gammaTable(exponent: exponent))
}

func gammaTable(exponent: Double) -> [UInt8] {
  precondition(exponent > 0 && exponent.isFinite, "gamma: the exponent \(exponent) is not positive")
  return (0..<256).map { UInt8((255 * pow(Double($0) / 255, exponent)).rounded(.toNearestOrEven)) }
}

extension Image {
  /// `255·(v/255)^exponent` of every value; below 1 brightens, above 1 darkens.
  public func gammaCorrected(exponent: Double) -> Image {
    lookedUp(in: gammaTable(exponent: exponent))
  }
}
