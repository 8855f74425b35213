import AthanorKernels

/// Exchanges red and blue; a fourth channel is unchanged.
///
/// Parity: `cv::cvtColor(COLOR_RGB2BGR)`, or `COLOR_RGBA2BGRA`, byte for byte.
public func swapChannels(_ src: Pixels, into dst: MutablePixels) {
  let channels = src.channels
  precondition(
    (channels == 3 || channels == 4) && dst.channels == channels && src.width == dst.width
      && src.height == dst.height,
    "swapChannels: \(src.width)×\(src.height)×\(channels) into "
      + "\(dst.width)×\(dst.height)×\(dst.channels)")
  parallelRanges(src.height, grain: rowGrain(channels * src.width)) { rows in
    for y in rows {
      let (from, to) = (src.row(y), dst.row(y))
      if channels == 3 {
        for x in 0..<src.width {
          let (a, b, c) = (from[3 &* x], from[3 &* x &+ 1], from[3 &* x &+ 2])
          (to[3 &* x], to[3 &* x &+ 1], to[3 &* x &+ 2]) = (c, b, a)
        }
      } else {
        let (raw, out) = (UnsafeRawPointer(from), UnsafeMutableRawPointer(to))
        for x in 0..<src.width {
          let pixel = raw.loadUnaligned(fromByteOffset: 4 &* x, as: UInt32.self)
          let ends = (pixel &<< 16) & 0xFF_0000 | (pixel &>> 16) & 0xFF
          out.storeBytes(of: pixel & 0xFF00_FF00 | ends, toByteOffset: 4 &* x, as: UInt32.self)
        }
      }
    }
  }
}

extension Image {
  /// BGR(A) from RGB(A), and the other way round.
  public func channelsSwapped() -> Image {
    Image(width: width, height: height, channels: channels) { dst in
      withPixels { swapChannels($0, into: dst) }
    }
  }
}
