/// A labelled, axis-aligned box in continuous pixel coordinates: width is `x2 - x1`, no `+ 1`.
public struct BoundingBox: Equatable, Sendable {
  public var x1: Float
  public var y1: Float
  public var x2: Float
  public var y2: Float
  /// The class, counted from 0 without a background class.
  public var label: Int

  public init(x1: Float, y1: Float, x2: Float, y2: Float, label: Int) {
    self.x1 = x1
    self.y1 = y1
    self.x2 = x2
    self.y2 = y2
    self.label = label
  }

  public var width: Float { x2 - x1 }
  public var height: Float { y2 - y1 }
  public var area: Float { width * height }

  /// The part of it in an image, of no width or height where it lies outside.
  public func clipped(width: Float, height: Float) -> BoundingBox {
    func clip(_ value: Float, _ limit: Float) -> Float { min(max(value, 0), limit) }
    return BoundingBox(
      x1: clip(x1, width), y1: clip(y1, height), x2: clip(x2, width), y2: clip(y2, height),
      label: label)
  }
}
