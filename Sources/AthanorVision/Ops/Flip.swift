import AthanorKernels

/// Which axes an image is mirrored along.
public enum FlipAxis: String, CaseIterable, Codable, Sendable {
  /// Left and right are exchanged.
  case horizontal
  /// Top and bottom are exchanged.
  case vertical
  case both
}

/// Mirrors `src` into `dst`, which has its size and does not overlap it.
///
/// Parity: `cv::flip`, byte for byte.
public func flip(_ src: Pixels, _ axis: FlipAxis, into dst: MutablePixels) {
  precondition(
    src.width == dst.width && src.height == dst.height && src.channels == dst.channels,
    "flip: \(src.width)×\(src.height)×\(src.channels) into "
      + "\(dst.width)×\(dst.height)×\(dst.channels)"
  )
  let bytes = src.width * src.channels
  parallelRanges(src.height, grain: rowGrain(bytes)) { rows in
    // The source is read from top to bottom, which the CPU prefetches.
    for i in rows {
      let y = axis == .horizontal ? i : rows.lowerBound + rows.upperBound - 1 - i
      let from = src.row(axis == .horizontal ? y : src.height - 1 - y)
      let to = dst.row(y)
      if axis == .vertical {
        copyRow(from, to, bytes)
      } else {
        reverseRow(from, to, src.width, src.channels)
      }
    }
  }
}

private func reverseRow(
  _ src: UnsafePointer<UInt8>, _ dst: UnsafeMutablePointer<UInt8>, _ width: Int, _ channels: Int
) {
  switch channels {
  case 1:
    for x in 0..<width { dst[x] = src[width &- 1 &- x] }
  case 3:
    var from = src + 3 * (width - 1)
    var to = dst
    for _ in 0..<width {
      (to[0], to[1], to[2]) = (from[0], from[1], from[2])
      to += 3
      from -= 3
    }
  default:
    for x in 0..<width {
      for c in 0..<channels { dst[x * channels + c] = src[(width - 1 - x) * channels + c] }
    }
  }
}

/// Exchanges rows and columns of `src` into `dst`, tile by tile.
func transpose(_ src: Pixels, into dst: MutablePixels) {
  precondition(src.width == dst.height && src.height == dst.width && src.channels == dst.channels)
  let channels = src.channels
  let tile = 32
  parallelRanges((dst.height + tile - 1) / tile) { tiles in
    for ty in tiles {
      let rows = (ty * tile)..<min((ty + 1) * tile, dst.height)
      for tx in stride(from: 0, to: dst.width, by: tile) {
        for y in rows {
          let to = dst.row(y)
          for x in tx..<min(tx + tile, dst.width) {
            let from = src.row(x) + y &* channels
            for c in 0..<channels { to[x &* channels &+ c] = from[c] }
          }
        }
      }
    }
  }
}

extension Image {
  /// The image mirrored along `axis`.
  public func flipped(_ axis: FlipAxis) -> Image {
    Image(width: width, height: height, channels: channels) { dst in
      withPixels { flip($0, axis, into: dst) }
    }
  }

  /// The image with rows and columns exchanged.
  public func transposed() -> Image {
    Image(width: height, height: width, channels: channels) { dst in
      withPixels { transpose($0, into: dst) }
    }
  }
}
