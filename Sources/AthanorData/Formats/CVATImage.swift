import AthanorCore
import AthanorVision
import Foundation

/// An `<image>` of CVAT's XML with its shapes, which are read on demand.
struct CVATImage {
  let name: String
  let subset: String?
  private let attributes: [String: String]
  private let shapes: [XMLElement]
  private let path: String

  /// The types of shapes that are read, and those of them that define the pixels of an object.
  private static let types: Set<String> = ["box", "polygon", "ellipse", "mask"]
  private static let regions: Set<String> = ["polygon", "ellipse", "mask"]

  /// Errors: throws `ContentError` for an image without a name.
  init(_ element: XMLElement, _ path: String) throws {
    guard let name = element.attributes["name"], !name.isEmpty else {
      throw ContentError(path: path, expected: "a name in every <image>", received: "none")
    }
    self.name = name.replacing("\\", with: "/")
    self.path = path
    subset = element.attributes["subset"].flatMap { $0.isEmpty ? nil : $0 }
    shapes = element.children
    attributes = element.attributes
  }

  /// Errors: throws `ContentError` for a side that is not a whole number.
  func size() throws -> StatedSize {
    try StatedSize(width: attributes["width"], height: attributes["height"], in: path)
  }

  /// The labels of the shapes that are read.
  var labels: Set<String> {
    Set(
      shapes.filter { Self.types.contains($0.name) }
        .compactMap { $0.attributes["label"].map(ClassName.trimmed) })
  }

  var hasRegions: Bool { shapes.contains { Self.regions.contains($0.name) } }

  /// How many shapes of each type are left out.
  var skipped: [String: Int] {
    Dictionary(
      shapes.filter { !Self.types.contains($0.name) }.map { ($0.name, 1) }, uniquingKeysWith: +)
  }

  /// The objects in the order in which they are painted, first the shapes that are not read.
  ///
  /// Errors: throws `ContentError` for a shape without a label or with invalid numbers.
  func objects() throws -> [DrawnObject] {
    let size = try size()
    let layers = try shapes.map { try CVATShape($0, name, path).layer() }
    let read = shapes.indices.filter { Self.types.contains(shapes[$0].name) }
      .sorted { (layers[$0], $0) < (layers[$1], $1) }
    return shapes.filter { !Self.types.contains($0.name) }
      .map { .unread(CVATShape($0, name, path).around()) }
      + (try read.map { try CVATShape(shapes[$0], name, path).object(size) })
  }
}

/// One shape of an image.
private struct CVATShape {
  let element: XMLElement
  let image: String
  let path: String

  init(_ element: XMLElement, _ image: String, _ path: String) {
    self.element = element
    self.image = image
    self.path = path
  }

  func problem(_ expected: String, _ received: String) -> ContentError {
    ContentError(
      path: path, expected: "\(expected) in a <\(element.name)> of '\(image)'", received: received)
  }

  func number(_ key: String) throws -> Double {
    let text = element.attributes[key]
    guard let value = text.flatMap(Double.init), abs(value) < 1e9 else {
      throw problem("a number '\(key)'", text.map { "'\($0)'" } ?? "nothing")
    }
    return value
  }

  /// The order of painting.
  func layer() throws -> Int {
    guard let text = element.attributes["z_order"], !text.isEmpty else { return 0 }
    guard let layer = WholeNumber.read(text) else {
      throw problem("a whole number 'z_order'", "'\(text)'")
    }
    return layer
  }

  /// The points of a shape that is not read: of a line, a cuboid, or the parts of a skeleton.
  func around() -> [Point] {
    let corners = element.attributes.keys.filter { $0.hasPrefix("x") }.compactMap { key -> Point? in
      guard let x = try? number(key), let y = try? number("y" + key.dropFirst()) else { return nil }
      return Point(x: x, y: y)
    }
    return corners + ((try? points(atLeast: 1)) ?? [])
      + element.children.flatMap { CVATShape($0, image, path).around() }
  }

  func object(_ size: StatedSize) throws -> DrawnObject {
    guard let label = element.attributes["label"].map(ClassName.trimmed), !label.isEmpty else {
      throw problem("a label", "none")
    }
    var object = DrawnObject(name: label)
    switch element.name {
    case "box":
      let (x1, y1) = (try number("xtl"), try number("ytl"))
      let (x2, y2) = (try number("xbr"), try number("ybr"))
      let corners = [(x1, y1), (x2, y1), (x2, y2), (x1, y2)].map { Point(x: $0.0, y: $0.1) }
      let center = Point(x: (x1 + x2) / 2, y: (y1 + y2) / 2)
      object.box = Outline.polygon(try rotated(corners, about: center)).extent
    case "polygon": object.outlines = [.polygon(try points())]
    case "ellipse":
      let center = Point(x: try number("cx"), y: try number("cy"))
      let (rx, ry) = (try number("rx"), try number("ry"))
      guard rx != ry else {
        object.outlines = [.circle(center: center, radius: abs(rx))]
        break
      }
      let sides = 180
      let points = (0..<sides).map { side -> Point in
        let angle = 2 * Double.pi * Double(side) / Double(sides)
        return Point(x: center.x + rx * cos(angle), y: center.y + ry * sin(angle))
      }
      object.outlines = [.polygon(try rotated(points, about: center))]
    default: object.outlines = [try mask(size)]
    }
    return object
  }

  private func rotated(_ points: [Point], about center: Point) throws -> [Point] {
    guard element.attributes["rotation"] != nil else { return points }
    let angle = try number("rotation")
    guard angle != 0 else { return points }
    let (sine, cosine) = (sin(angle * .pi / 180), cos(angle * .pi / 180))
    return points.map { point in
      let (dx, dy) = (point.x - center.x, point.y - center.y)
      return Point(x: center.x + dx * cosine - dy * sine, y: center.y + dx * sine + dy * cosine)
    }
  }

  private func points(atLeast least: Int = 3) throws -> [Point] {
    let text = element.attributes["points"] ?? ""
    let points = try text.split(separator: ";").map { pair -> Point in
      let numbers = pair.split(separator: ",").compactMap {
        Double(ClassName.trimmed(String($0)))
      }
      guard numbers.count == 2, numbers.allSatisfy({ abs($0) < 1e9 }) else {
        throw problem("points as 'x,y;x,y;…'", "'\(pair)'")
      }
      return Point(x: numbers[0], y: numbers[1])
    }
    guard points.count >= least else {
      throw problem("at least \(least) points", "\(points.count)")
    }
    return points
  }

  /// A bitmap in runs along rows, the first of unset pixels, inside left, top, width, height.
  private func mask(_ size: StatedSize) throws -> Outline {
    let numbers = try ["left", "top", "width", "height"].map { key in
      let value = try number(key)
      guard let whole = Int(exactly: value), whole >= 0 else {
        throw problem("a whole number '\(key)' from 0", "\(value)")
      }
      return whole
    }
    let (left, top, width, height) = (numbers[0], numbers[1], numbers[2], numbers[3])
    let limit = (size.width ?? Image.pixelLimit, size.height ?? Image.pixelLimit)
    guard width > 0, height > 0, left <= limit.0 - width,
      top <= limit.1 - height, width * height <= Image.pixelLimit
    else {
      throw problem(
        "a mask inside the image (\(limit.0)×\(limit.1))", "\(width)×\(height) at (\(left), \(top))"
      )
    }
    let runs = (element.attributes["rle"] ?? "").split(separator: ",").map {
      Int(ClassName.trimmed(String($0))) ?? -1
    }
    var total = 0
    for run in runs {
      guard run >= 0, run <= width * height - total else {
        throw problem("runs that add up to \(width) · \(height)", run < 0 ? "another text" : "more")
      }
      total += run
    }
    guard total == width * height else {
      throw problem("runs that add up to \(width) · \(height)", "\(total)")
    }
    var bitmap = Image(width: width, height: height, channels: 1)
    var position = 0
    for (place, run) in runs.enumerated() {
      if place % 2 == 1 {
        for i in position..<position + run { bitmap.pixels[i] = 1 }
      }
      position += run
    }
    return .bitmap(bitmap, x: left, y: top)
  }
}
