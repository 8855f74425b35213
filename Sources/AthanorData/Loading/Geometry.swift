import AthanorCore
import AthanorVision

/// The position of an image in the network's input: at the upper left, resized to the
/// content's size.
public struct Geometry: Equatable, Sendable {
  /// Pixels of the image as it was read.
  public var originalWidth: Int
  public var originalHeight: Int
  /// Pixels of the input that the image covers.
  public var contentWidth: Int
  public var contentHeight: Int

  public init(originalWidth: Int, originalHeight: Int, contentWidth: Int, contentHeight: Int) {
    self.originalWidth = originalWidth
    self.originalHeight = originalHeight
    self.contentWidth = contentWidth
    self.contentHeight = contentHeight
  }

  /// Input pixels per original pixel.
  public var scaleX: Float { Float(contentWidth) / Float(originalWidth) }
  public var scaleY: Float { Float(contentHeight) / Float(originalHeight) }

  /// A box of the original in the input.
  public func toInput(_ box: BoundingBox) -> BoundingBox {
    BoundingBox(
      x1: box.x1 * scaleX, y1: box.y1 * scaleY, x2: box.x2 * scaleX, y2: box.y2 * scaleY,
      label: box.label)
  }

  /// A box of the input in the original, clipped to it.
  public func toOriginal(_ box: BoundingBox) -> BoundingBox {
    BoundingBox(
      x1: box.x1 / scaleX, y1: box.y1 / scaleY, x2: box.x2 / scaleX, y2: box.y2 / scaleY,
      label: box.label
    ).clipped(width: Float(originalWidth), height: Float(originalHeight))
  }

  /// Boxes of the input in the original.
  public func toOriginal(_ label: BoxLabel) -> BoxLabel {
    BoxLabel(label.boxes.map { toOriginal($0) }, scores: label.scores)
  }

  /// A map of the input's size, without the padding, at the original's size (bilinear).
  public func toOriginal(_ map: DenseMap) -> DenseMap {
    map.cropped(width: contentWidth, height: contentHeight)
      .interpolated(width: originalWidth, height: originalHeight)
  }

  /// A mask of the input's size, without the padding, at the original's size (nearest).
  public func toOriginal(_ mask: Image) -> Image {
    precondition(
      mask.width >= contentWidth && mask.height >= contentHeight && mask.channels == 1,
      "Geometry.toOriginal: a \(mask.width)×\(mask.height)×\(mask.channels) mask for content of "
        + "\(contentWidth)×\(contentHeight)")
    var original = Image(width: originalWidth, height: originalHeight, channels: 1)
    for y in 0..<originalHeight {
      let row = min(contentHeight - 1, y * contentHeight / originalHeight) * mask.width
      for x in 0..<originalWidth {
        original.pixels[y * originalWidth + x] =
          mask.pixels[row + min(contentWidth - 1, x * contentWidth / originalWidth)]
      }
    }
    return original
  }
}
