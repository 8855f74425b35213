import AthanorKernels

/// `dst = table[src]`: 256 entries for every channel, or 256 pixels, one entry a channel.
///
/// Parity: `cv::LUT`, byte for byte.
public func lookUp(_ src: Pixels, into dst: MutablePixels, _ table: [UInt8]) {
  let channels = src.channels
  precondition(
    src.width == dst.width && src.height == dst.height && channels == dst.channels
      && (table.count == 256 || table.count == 256 * channels),
    "lookUp: \(src.width)×\(src.height)×\(channels) into "
      + "\(dst.width)×\(dst.height)×\(dst.channels), a table of \(table.count) entries")
  let count = src.width * channels
  table.withUnsafeBufferPointer { buffer in
    guard let base = buffer.baseAddress else { return }
    nonisolated(unsafe) let table = base
    let isShared = buffer.count == 256
    parallelRanges(src.height, grain: rowGrain(count)) { rows in
      for y in rows {
        let (from, to) = (src.row(y), dst.row(y))
        if isShared {
          for x in 0..<count { to[x] = table[Int(from[x])] }
        } else if channels == 3 {
          for x in stride(from: 0, to: count, by: 3) {
            to[x] = table[3 &* Int(from[x])]
            to[x &+ 1] = table[3 &* Int(from[x &+ 1]) &+ 1]
            to[x &+ 2] = table[3 &* Int(from[x &+ 2]) &+ 2]
          }
        } else {
          for x in 0..<src.width {
            for c in x &* channels..<(x &+ 1) &* channels {
              to[c] = table[channels &* Int(from[c]) &+ c &- x &* channels]
            }
          }
        }
      }
    }
  }
}

extension Image {
  /// Every value's entry in `table`: 256 entries for all channels, or 256 pixels of them.
  public func lookedUp(in table: [UInt8]) -> Image {
    Image(width: width, height: height, channels: channels) { dst in
      withPixels { lookUp($0, into: dst, table) }
    }
  }
}
