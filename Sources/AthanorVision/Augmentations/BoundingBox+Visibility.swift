import AthanorCore

extension [BoundingBox] {
  /// The boxes clipped to an image; those with a smaller share than `visibility` left are dropped.
  public func clipped(width: Int, height: Int, visibility: Double) -> [BoundingBox] {
    compactMap { box in
      let inner = box.clipped(width: Float(width), height: Float(height))
      // A remnant thinner than a pixel is not worth learning from.
      guard inner == box || (inner.width >= 1 && inner.height >= 1),
        inner.width > 0, inner.height > 0,
        Double(inner.area) >= visibility * Double(box.area)
      else { return nil }
      return inner
    }
  }

  /// The boxes of which at least `visibility` lies outside the covered rectangle.
  func uncovered(
    by x: Range<Int>, _ y: Range<Int>, visibility: Double
  ) -> [BoundingBox] {
    filter { box in
      let width = Swift.min(box.x2, Float(x.upperBound)) - Swift.max(box.x1, Float(x.lowerBound))
      let height = Swift.min(box.y2, Float(y.upperBound)) - Swift.max(box.y1, Float(y.lowerBound))
      guard width > 0, height > 0 else { return true }
      return Double(box.area - width * height) >= visibility * Double(box.area)
    }
  }
}
