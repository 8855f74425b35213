import AthanorCore

/// A warp's border by name, as options have it.
public enum WarpBorder: String, CaseIterable, Codable, Sendable {
  case constant, reflect, reflect_101

  /// - Parameter value: of a constant border, a channel.
  func mode(_ value: [UInt8]) -> BorderMode {
    switch self {
    case .constant: .constant(value)
    case .reflect: .reflect
    case .reflect_101: .reflect101
    }
  }
}

extension Sample {
  /// The sample with its image warped by `image`, its mask by nearest neighbour (255 outside a
  /// constant border) and the boxes about where `point` takes their corners.
  func warped(
    border: WarpBorder, value: [UInt8], visibility: Double,
    _ image: (Image, BorderMode, _ isMask: Bool) -> Image,
    point: (Double, Double) -> (x: Double, y: Double)
  ) -> Sample {
    var sample = self
    sample.image = image(self.image, border.mode(value), false)
    sample.mask = mask.map { image($0, border.mode([255]), true) }
    sample.boxes = boxes?.map { box in
      let corners = [(box.x1, box.y1), (box.x2, box.y1), (box.x1, box.y2), (box.x2, box.y2)].map {
        // Positions of warps count from the middle of the first pixel, those of boxes from its edge.
        let moved = point(Double($0.0) - 0.5, Double($0.1) - 0.5)
        return (x: Float(moved.x + 0.5), y: Float(moved.y + 0.5))
      }
      let (x, y) = (corners.map(\.x), corners.map(\.y))
      return BoundingBox(
        x1: x.min()!, y1: y.min()!, x2: x.max()!, y2: y.max()!, label: box.label)
    }.clipped(
      width: sample.image.width, height: sample.image.height, visibility: visibility)
    return sample
  }
}
