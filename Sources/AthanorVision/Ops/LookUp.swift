import AthanorKernels

/// `dst = table[src]`: 256 entries for every channel, or 256 pixels, one entry per channel.
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
          lookUpRow(from, to, count, table)
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

/// Eight values per store, because stores, not look-ups, limit a loop over single values.
@inline(__always)
private func lookUpRow(
  _ src: UnsafePointer<UInt8>, _ dst: UnsafeMutablePointer<UInt8>, _ count: Int,
  _ table: UnsafePointer<UInt8>
) {
  let out = UnsafeMutableRawPointer(dst)
  @inline(__always) func entry(_ x: Int) -> UInt64 { UInt64(table[Int(src[x])]) }
  var x = 0
  while x &+ 8 <= count {
    let low = entry(x) | entry(x &+ 1) &<< 8 | entry(x &+ 2) &<< 16 | entry(x &+ 3) &<< 24
    let high =
      entry(x &+ 4) | entry(x &+ 5) &<< 8 | entry(x &+ 6) &<< 16 | entry(x &+ 7) &<< 24
    out.storeBytes(of: low | high &<< 32, toByteOffset: x, as: UInt64.self)
    x &+= 8
  }
  while x < count {
    dst[x] = table[Int(src[x])]
    x &+= 1
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
