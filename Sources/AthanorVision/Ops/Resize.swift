import AthanorKernels

/// How a resized pixel is interpolated.
public enum Interpolation: String, CaseIterable, Codable, Sendable {
  /// The pixel at `⌊x·scale⌋`, for masks.
  case nearest
  /// Between the four nearest pixels, in 11-bit fixed point.
  case linear
  /// From the sixteen nearest pixels, by Keys' kernel with a = −3/4; in 11-bit fixed point.
  case cubic
  /// The mean of the covered area where the image shrinks; close to `linear` where it grows.
  case area
}

/// Resizes `src` to the size of `dst`, which does not overlap it.
///
/// Shapes: any sizes of at least one pixel; 1, 3 or 4 channels, the same in both.
/// Parity: `cv::resize` with `INTER_NEAREST`, `INTER_LINEAR`, `INTER_CUBIC` or
/// `INTER_AREA`, byte for byte.
public func resize(_ src: Pixels, into dst: MutablePixels, _ interpolation: Interpolation) {
  precondition(
    src.channels == dst.channels && [1, 3, 4].contains(src.channels),
    "resize: \(src.channels) channels into \(dst.channels)")
  precondition(
    src.width > 0 && src.height > 0 && dst.width > 0 && dst.height > 0,
    "resize: \(src.width)×\(src.height) into \(dst.width)×\(dst.height)")
  if src.width == dst.width && src.height == dst.height { return copy(src, into: dst) }

  let scale = ResizeScale(src, dst)
  switch interpolation {
  case .nearest:
    resizeNearest(src, dst)
  case .linear:
    // Halving both sides is the mean of four pixels, as in OpenCV.
    if scale.isInteger && scale.integerX == 2 && scale.integerY == 2 {
      resizeHalf(src, dst)
    } else {
      resizeLinear(src, dst, scale, .linear)
    }
  case .cubic:
    resizeCubic(src, dst, scale)
  case .area:
    if scale.x < 1 || scale.y < 1 {
      resizeLinear(src, dst, scale, .area)
    } else if !scale.isInteger {
      resizeArea(src, dst, scale)
    } else if scale.integerX == 2 && scale.integerY == 2 {
      resizeHalf(src, dst)
    } else {
      resizeBlocks(src, dst, scale.integerX, scale.integerY)
    }
  }
}

/// Copies pixels row by row.
public func copy(_ src: Pixels, into dst: MutablePixels) {
  precondition(
    src.width == dst.width && src.height == dst.height && src.channels == dst.channels,
    "copy: \(src.width)×\(src.height)×\(src.channels) into "
      + "\(dst.width)×\(dst.height)×\(dst.channels)"
  )
  let bytes = src.width * src.channels
  let isWhole = src.stride == bytes && dst.stride == bytes
  parallelRanges(src.height, grain: rowGrain(bytes)) { rows in
    if isWhole {
      dst.row(rows.lowerBound).update(from: src.row(rows.lowerBound), count: bytes * rows.count)
      return
    }
    for y in rows { copyRow(src.row(y), dst.row(y), bytes) }
  }
}

/// Source pixels per destination pixel, as OpenCV computes it.
struct ResizeScale {
  let x: Double
  let y: Double
  /// Destination pixels per source pixel.
  let inverseX: Double
  let inverseY: Double

  init(_ src: Pixels, _ dst: MutablePixels) {
    inverseX = Double(dst.width) / Double(src.width)
    inverseY = Double(dst.height) / Double(src.height)
    x = 1 / inverseX
    y = 1 / inverseY
  }

  var integerX: Int { Int(x.rounded(.toNearestOrEven)) }
  var integerY: Int { Int(y.rounded(.toNearestOrEven)) }
  var isInteger: Bool {
    abs(x - Double(integerX)) < Double.ulpOfOne && abs(y - Double(integerY)) < Double.ulpOfOne
  }
}

extension Image {
  /// The image at another size. Masks need `.nearest`.
  public func resized(
    width: Int, height: Int, _ interpolation: Interpolation = .linear
  ) -> Image {
    Image(width: width, height: height, channels: channels) { dst in
      withPixels { resize($0, into: dst, interpolation) }
    }
  }
}
