import AthanorCore

/// A point in continuous pixel coordinates: pixel (0, 0) covers 0…1 × 0…1.
public struct Point: Equatable, Sendable {
  public var x: Double
  public var y: Double

  public init(x: Double, y: Double) {
    self.x = x
    self.y = y
  }
}

/// A drawn region of an image.
public enum Outline: Equatable, Sendable {
  case polygon([Point])
  case circle(center: Point, radius: Double)
  /// Set pixels of a small mask whose upper left corner is at (x, y).
  case bitmap(Image, x: Int, y: Int)

  /// The extent as x1, y1, x2, y2; `nil` for a region without points.
  public var extent: (Double, Double, Double, Double)? {
    switch self {
    case .polygon(let points):
      guard let first = points.first else { return nil }
      return points.reduce((first.x, first.y, first.x, first.y)) {
        (min($0.0, $1.x), min($0.1, $1.y), max($0.2, $1.x), max($0.3, $1.y))
      }
    case .circle(let center, let radius):
      return (center.x - radius, center.y - radius, center.x + radius, center.y + radius)
    case .bitmap(let bitmap, let x, let y):
      var extent: (Int, Int, Int, Int)?
      for row in 0..<bitmap.height {
        for column in 0..<bitmap.width where bitmap.pixels[row * bitmap.width + column] != 0 {
          let old = extent ?? (column, row, column, row)
          extent = (min(old.0, column), min(old.1, row), max(old.2, column), max(old.3, row))
        }
      }
      return extent.map {
        (Double($0.0 + x), Double($0.1 + y), Double($0.2 + x + 1), Double($0.3 + y + 1))
      }
    }
  }
}

extension Image {
  /// Sets the pixels of a mask whose centres lie in the outline; polygons by the even-odd rule.
  public mutating func fill(_ outline: Outline, with value: UInt8) {
    precondition(channels == 1, "Image.fill: \(channels) channels")
    switch outline {
    case .polygon(let points): fillPolygon(points, with: value)
    case .circle(let center, let radius):
      for y in rows(center.y - radius, center.y + radius) {
        let dy = Double(y) + 0.5 - center.y
        let half = (radius * radius - dy * dy).squareRoot()
        guard half >= 0 else { continue }
        fillRow(y, from: center.x - half, to: center.x + half, with: value)
      }
    case .bitmap(let bitmap, let left, let top):
      for y in max(0, top)..<max(max(0, top), min(height, top + bitmap.height)) {
        for x in max(0, left)..<max(max(0, left), min(width, left + bitmap.width))
        where bitmap.pixels[(y - top) * bitmap.width + x - left] != 0 {
          pixels[y * width + x] = value
        }
      }
    }
  }

  /// The rows whose centres lie between two heights.
  private func rows(_ top: Double, _ bottom: Double) -> Range<Int> {
    guard top <= bottom else { return 0..<0 }
    let first = Int((min(max(top, 0), Double(height)) - 0.5).rounded(.up))
    let last = Int((min(max(bottom, 0), Double(height)) - 0.5).rounded(.down))
    return max(0, first)..<max(max(0, first), min(height, last + 1))
  }

  private mutating func fillRow(_ y: Int, from left: Double, to right: Double, with value: UInt8) {
    // False for NaN too, which differences of infinities are.
    guard left <= right else { return }
    let first = max(0, Int((min(max(left, 0), Double(width)) - 0.5).rounded(.up)))
    let end = min(width, Int((min(max(right, 0), Double(width)) - 0.5).rounded(.up)))
    guard first < end else { return }
    for x in first..<end { pixels[y * width + x] = value }
  }

  private mutating func fillPolygon(_ points: [Point], with value: UInt8) {
    guard points.count > 2 else { return }
    let extent = Outline.polygon(points).extent!
    var crossings: [Double] = []
    for y in rows(extent.1, extent.3) {
      let center = Double(y) + 0.5
      crossings.removeAll(keepingCapacity: true)
      var previous = points[points.count - 1]
      for point in points {
        if (previous.y <= center) != (point.y <= center) {
          let t = (center - previous.y) / (point.y - previous.y)
          let crossing = previous.x + t * (point.x - previous.x)
          if crossing.isFinite { crossings.append(crossing) }
        }
        previous = point
      }
      crossings.sort()
      for pair in stride(from: 0, to: crossings.count - 1, by: 2) {
        fillRow(y, from: crossings[pair], to: crossings[pair + 1], with: value)
      }
    }
  }
}
