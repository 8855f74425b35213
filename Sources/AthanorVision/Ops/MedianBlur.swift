import AthanorKernels

/// Replaces every pixel with the median of the `size`×`size` pixels around it, channel by channel;
/// the image's edge pixels are repeated outside.
///
/// `dst[y, x] = sorted(src[y + j, x + i])[(size² − 1) / 2]`, `i` and `j` in `−size/2…size/2`.
/// Sizes 3 and 5 go through sorting networks, 7 to 15 through a search of the value bit by bit,
/// larger ones through running histograms.
/// Shapes: any size of at least one pixel; 1, 3 or 4 channels; `size` odd and no more than 255.
/// Parity: `cv::medianBlur` on 8 bits, byte for byte.
/// Source of the histograms: Perreault & Hébert, "Median filtering in constant time", 2007.
public func medianBlur(_ src: Pixels, into dst: MutablePixels, size: Int) {
  precondition(
    src.width == dst.width && src.height == dst.height && src.channels == dst.channels
      && src.width > 0 && src.height > 0 && [1, 3, 4].contains(src.channels),
    "medianBlur: \(src.width)×\(src.height)×\(src.channels) into "
      + "\(dst.width)×\(dst.height)×\(dst.channels)")
  precondition(
    size > 0 && size <= 255 && size % 2 == 1, "medianBlur: the size \(size) is not odd in 1...255")
  if size == 1 { return copy(src, into: dst) }
  if src.width * src.channels < 64 { return medianBlurNarrow(src, dst, size) }
  switch size {
  case 3, 5: medianByNetwork(src, dst, size)
  default:
    let bordered = Image(replicating: src, radius: size / 2)
    bordered.withPixels {
      if size <= 15 { medianBySearch($0, dst, size) } else { medianByHistogram($0, dst, size) }
    }
  }
}

/// For rows shorter than a vector: the right edge is repeated first, which changes no median left
/// of it.
private func medianBlurNarrow(_ src: Pixels, _ dst: MutablePixels, _ size: Int) {
  let channels = src.channels
  let wide = Image(width: 64, height: src.height, channels: channels) { wide in
    for y in 0..<src.height {
      let (from, to) = (src.row(y), wide.row(y))
      for x in 0..<64 {
        let at = min(x, src.width - 1) * channels
        for c in 0..<channels { to[x * channels + c] = from[at + c] }
      }
    }
  }
  wide.medianBlurred(size: size).withPixels {
    copy($0.cropped(x: 0, y: 0, width: src.width, height: src.height), into: dst)
  }
}

extension Image {
  /// The image with every pixel the median of the `size`×`size` around it; `size` is odd.
  public func medianBlurred(size: Int) -> Image {
    Image(width: width, height: height, channels: channels) { dst in
      withPixels { medianBlur($0, into: dst, size: size) }
    }
  }

  /// The pixels with `radius` more on every side, which repeat those of the edge.
  fileprivate init(replicating src: Pixels, radius: Int) {
    let (channels, bytes) = (src.channels, src.width * src.channels)
    self.init(width: src.width + 2 * radius, height: src.height + 2 * radius, channels: channels) {
      dst in
      parallelRanges(dst.height, grain: rowGrain(bytes)) { rows in
        for y in rows {
          let from = src.row(min(max(y - radius, 0), src.height - 1))
          let to = dst.row(y)
          (to + radius * channels).update(from: from, count: bytes)
          repeatEnds(of: to, bytes: bytes, channels: channels, radius: radius)
        }
      }
    }
  }
}

/// Repeats the first and last pixel of the `bytes` at `row + radius * channels` on both sides.
private func repeatEnds(of row: UnsafeMutablePointer<UInt8>, bytes: Int, channels: Int, radius: Int)
{
  let first = row + radius * channels
  let end = first + bytes
  for i in 0..<(radius * channels) {
    row[i] = first[i % channels]
    end[i] = end[i % channels - channels]
  }
}
