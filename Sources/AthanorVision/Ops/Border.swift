import AthanorKernels

/// The pixels added on each side of an image.
public struct Margins: Equatable, Sendable {
  public var top: Int
  public var bottom: Int
  public var left: Int
  public var right: Int

  public init(top: Int = 0, bottom: Int = 0, left: Int = 0, right: Int = 0) {
    self.top = top
    self.bottom = bottom
    self.left = left
    self.right = right
  }
}

/// Fills every pixel of `dst` with one value per channel.
public func fill(_ dst: MutablePixels, with value: [UInt8]) {
  precondition(
    value.count == dst.channels, "fill: \(value.count) values for \(dst.channels) channels")
  let bytes = dst.width * dst.channels
  let isUniform = value.allSatisfy { $0 == value[0] }
  parallelRanges(dst.height, grain: rowGrain(bytes)) { rows in
    for y in rows {
      let to = dst.row(y)
      if isUniform {
        to.update(repeating: value[0], count: bytes)
      } else if y == rows.lowerBound {
        for x in 0..<dst.width {
          for c in 0..<dst.channels { to[x * dst.channels + c] = value[c] }
        }
      } else {
        to.update(from: dst.row(rows.lowerBound), count: bytes)
      }
    }
  }
}

/// Copies `src` into `dst` with its corner at (`x`, `y`) and `value` around it.
///
/// Parity: `cv::copyMakeBorder` with `BORDER_CONSTANT`, byte for byte.
public func border(
  _ src: Pixels, into dst: MutablePixels, x: Int, y: Int, value: [UInt8]
) {
  let (right, bottom) = (x + src.width, y + src.height)
  copy(src, into: dst.cropped(x: x, y: y, width: src.width, height: src.height))
  fill(dst.cropped(x: 0, y: 0, width: dst.width, height: y), with: value)
  fill(dst.cropped(x: 0, y: bottom, width: dst.width, height: dst.height - bottom), with: value)
  fill(dst.cropped(x: 0, y: y, width: x, height: src.height), with: value)
  fill(
    dst.cropped(x: right, y: y, width: dst.width - right, height: src.height), with: value)
}

extension Image {
  /// The part of `width`×`height` pixels at (`x`, `y`), which lies inside the image.
  public func cropped(x: Int, y: Int, width: Int, height: Int) -> Image {
    withPixels { pixels in
      let part = pixels.cropped(x: x, y: y, width: width, height: height)
      return Image(width: width, height: height, channels: channels) { copy(part, into: $0) }
    }
  }

  /// The image with a border of one value per channel.
  public func bordered(_ margins: Margins, value: [UInt8]) -> Image {
    Image(
      width: width + margins.left + margins.right, height: height + margins.top + margins.bottom,
      channels: channels
    ) { dst in
      withPixels { border($0, into: dst, x: margins.left, y: margins.top, value: value) }
    }
  }
}
