import AthanorKernels

/// Gray from RGB: `(9798·R + 19235·G + 3735·B + 2¹⁴) >> 15`.
///
/// Parity: `cv::cvtColor(COLOR_RGB2GRAY)`, byte for byte.
public func gray(_ src: Pixels, into dst: MutablePixels) {
  precondition(
    src.channels == 3 && dst.channels == 1 && src.width == dst.width && src.height == dst.height,
    "gray: \(src.width)×\(src.height)×\(src.channels) into "
      + "\(dst.width)×\(dst.height)×\(dst.channels)")
  parallelRanges(src.height, grain: rowGrain(3 * src.width)) { rows in
    for y in rows {
      let (from, to) = (src.row(y), dst.row(y))
      for x in 0..<src.width {
        let sum =
          9798 &* UInt32(from[3 &* x]) &+ 19235 &* UInt32(from[3 &* x &+ 1])
          &+ 3735 &* UInt32(from[3 &* x &+ 2])
        to[x] = UInt8(truncatingIfNeeded: (sum &+ 16384) &>> 15)
      }
    }
  }
}

extension Image {
  /// One channel from RGB; a gray image is returned as it is.
  public func grayed() -> Image {
    if channels == 1 { return self }
    return Image(width: width, height: height, channels: 1) { dst in
      withPixels { gray($0, into: dst) }
    }
  }
}
