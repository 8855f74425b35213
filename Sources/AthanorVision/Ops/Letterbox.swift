import AthanorCore

/// Where an image lies inside a letterbox of another shape.
public struct LetterboxPlacement: Equatable, Sendable {
  /// The size of the image inside.
  public let width: Int
  public let height: Int
  public let x: Int
  public let y: Int
  /// Destination pixels per source pixel along each axis.
  public let scaleX: Float
  public let scaleY: Float

  /// Fits `source` into `canvas`: the largest size that keeps the aspect ratio, rounded to whole
  /// pixels, in the middle.
  public init(source: (width: Int, height: Int), canvas: (width: Int, height: Int)) {
    let scale = min(
      Double(canvas.width) / Double(source.width), Double(canvas.height) / Double(source.height))
    func fitted(_ length: Int, _ limit: Int) -> Int {
      min(limit, max(1, Int((Double(length) * scale).rounded(.toNearestOrEven))))
    }
    width = fitted(source.width, canvas.width)
    height = fitted(source.height, canvas.height)
    x = (canvas.width - width) / 2
    y = (canvas.height - height) / 2
    scaleX = Float(width) / Float(source.width)
    scaleY = Float(height) / Float(source.height)
  }

  /// The box in the letterbox that `box` of the source becomes.
  public func placed(_ box: BoundingBox) -> BoundingBox {
    BoundingBox(
      x1: box.x1 * scaleX + Float(x), y1: box.y1 * scaleY + Float(y),
      x2: box.x2 * scaleX + Float(x), y2: box.y2 * scaleY + Float(y), label: box.label)
  }

  /// The box of the source that `box` in the letterbox came from.
  public func restored(_ box: BoundingBox) -> BoundingBox {
    BoundingBox(
      x1: (box.x1 - Float(x)) / scaleX, y1: (box.y1 - Float(y)) / scaleY,
      x2: (box.x2 - Float(x)) / scaleX, y2: (box.y2 - Float(y)) / scaleY, label: box.label)
  }
}

/// Resizes `src` into the middle of `dst` with its aspect ratio unchanged and `value` around it.
///
/// Parity: `cv::resize` and `cv::copyMakeBorder`, byte for byte, without the intermediate image.
@discardableResult
public func letterbox(
  _ src: Pixels, into dst: MutablePixels, _ interpolation: Interpolation, value: [UInt8]
) -> LetterboxPlacement {
  let placement = LetterboxPlacement(
    source: (src.width, src.height), canvas: (dst.width, dst.height))
  let inside = dst.cropped(
    x: placement.x, y: placement.y, width: placement.width, height: placement.height)
  resize(src, into: inside, interpolation)
  let (right, bottom) = (placement.x + placement.width, placement.y + placement.height)
  fill(dst.cropped(x: 0, y: 0, width: dst.width, height: placement.y), with: value)
  fill(dst.cropped(x: 0, y: bottom, width: dst.width, height: dst.height - bottom), with: value)
  fill(dst.cropped(x: 0, y: placement.y, width: placement.x, height: placement.height), with: value)
  fill(
    dst.cropped(x: right, y: placement.y, width: dst.width - right, height: placement.height),
    with: value)
  return placement
}

extension Image {
  /// The image fitted into `width`×`height` with `value` around it, and where it lies there.
  public func letterboxed(
    width: Int, height: Int, _ interpolation: Interpolation = .linear, value: [UInt8]
  ) -> (image: Image, placement: LetterboxPlacement) {
    let placement = LetterboxPlacement(
      source: (self.width, self.height), canvas: (width, height))
    let image = Image(width: width, height: height, channels: channels) { dst in
      _ = withPixels { letterbox($0, into: dst, interpolation, value: value) }
    }
    return (image, placement)
  }
}
