import AthanorCore

/// The shapes of synthetic scenes, each a signed distance from its outline.
///
/// Formula: distances after Quilez, "2D distance functions"; negative inside, in units of the
/// radius of the circle around the shape.
enum SceneShape: Int, CaseIterable, Sendable {
  case disc, square, triangle, star, cross, ring

  /// Corners on the unit circle or inside it; none for round shapes.
  private static let corners: [[SIMD2<Float>]] = allCases.map { shape in
    switch shape {
    case .disc, .ring: return []
    case .square: return regular([1], turns: 4)
    case .triangle: return regular([1], turns: 3)
    case .star: return regular([1, 0.45], turns: 5)
    case .cross:
      let (long, short): (Float, Float) = (0.94, 0.31)
      return [
        (short, long), (short, short), (long, short), (long, -short), (short, -short),
        (short, -long), (-short, -long), (-short, -short), (-long, -short), (-long, short),
        (-short, short), (-short, long),
      ].map { SIMD2($0.0, $0.1) }
    }
  }

  private static func regular(_ radii: [Double], turns: Int) -> [SIMD2<Float>] {
    (0..<(turns * radii.count)).map { i in
      let angle = 2 * Double.pi * Double(i) / Double(turns * radii.count)
      let radius = radii[i % radii.count]
      return SIMD2(Float(radius * cosine(angle)), Float(radius * cosine(angle - .pi / 2)))
    }
  }

  /// The distance of `point` to the outline.
  func distance(_ point: SIMD2<Float>) -> Float {
    let length = (point * point).sum().squareRoot()
    switch self {
    case .disc: return length - 1
    case .ring: return abs(length - 0.74) - 0.26
    case .square, .triangle, .star, .cross:
      let corners = Self.corners[rawValue]
      var nearest = Float.infinity
      var inside = false
      var previous = corners[corners.count - 1]
      for corner in corners {
        let edge = previous - corner
        let offset = point - corner
        let along = min(max((offset * edge).sum() / (edge * edge).sum(), 0), 1)
        let gap = offset - edge * along
        nearest = min(nearest, (gap * gap).sum())
        if (corner.y > point.y) != (previous.y > point.y),
          point.x < edge.x * (point.y - corner.y) / edge.y + corner.x
        {
          inside.toggle()
        }
        previous = corner
      }
      return inside ? -nearest.squareRoot() : nearest.squareRoot()
    }
  }
}
