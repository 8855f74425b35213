import AthanorCore
import AthanorVision
import Foundation

/// A file of labelme: the drawn shapes of an image with their labels.
struct LabelmeFile: Sendable {
  struct Shape: Sendable {
    var label: String
    /// Shapes of one label and the same group are parts of one object.
    var group: String?
    var outline: Outline
  }

  var shapes: [Shape] = []
  /// Shape types that are not read, and how many of each were left out.
  var skipped: [String: Int] = [:]
  /// Replaces those shapes: their pixels are unknown.
  private var unread: [DrawnObject] = []
  var imagePath: String?
  var size = StatedSize()

  private struct Written {
    var label: String?
    var type = "polygon"
    var group: String?
    var points: [Point] = []
    var mask: String?
  }

  /// Errors: throws `FileError`, `JSONError`, `ContentError` for any other file.
  init(contentsOf path: String) throws {
    var cursor = JSONCursor(try JSONText(contentsOf: path))
    var hasShapes = false
    var written: [Written] = []
    try cursor.uniqueObject { key, value in
      switch key {
      case "shapes":
        hasShapes = true
        try value.array { _, shape in written.append(try Self.shape(&shape)) }
      case "imagePath": if value.kind == .string { imagePath = try value.string() }
      case "imageWidth": size.width = try value.side()
      case "imageHeight": size.height = try value.side()
      default: break
      }
    }
    try cursor.end()
    guard hasShapes else {
      throw ContentError(path: path, expected: "the key 'shapes'", received: "none")
    }
    for (index, shape) in written.enumerated() {
      guard let label = shape.label.map(ClassName.trimmed), !label.isEmpty else {
        throw ContentError(
          path: path, expected: "a label at .shapes[\(index)]",
          received: shape.label == nil ? "none" : "an empty one")
      }
      guard let outline = try Self.outline(of: shape, index, label, path) else {
        skipped[shape.type, default: 0] += 1
        unread.append(.unread(shape.points))
        continue
      }
      shapes.append(Shape(label: label, group: shape.group, outline: outline))
    }
  }

  private static func shape(_ value: inout JSONCursor) throws -> Written {
    var shape = Written()
    try value.uniqueObject { key, value in
      switch key {
      // Some tools write numbers as names.
      case "label": shape.label = try Self.name(&value)
      case "shape_type": if value.kind == .string { shape.type = try value.string() }
      case "group_id":
        if try value.isNull() { return }
        let name = try Self.name(&value)
        shape.group = name.isEmpty ? nil : name
      case "mask": if value.kind == .string { shape.mask = try value.string() }
      case "points":
        try value.array { _, point in
          let whole = point
          var numbers: [Double] = []
          try point.array { _, number in numbers.append(try number.double()) }
          guard numbers.count == 2, numbers.allSatisfy({ abs($0) < 1e9 }) else {
            throw whole.error(expected: "two numbers", received: "\(numbers)")
          }
          shape.points.append(Point(x: numbers[0], y: numbers[1]))
        }
      default: break
      }
    }
    return shape
  }

  /// Text, or a number in its shortest form: 1 and 1.0 are the same name.
  private static func name(_ value: inout JSONCursor) throws -> String {
    guard value.kind == .number else { return try value.string() }
    let number = try value.double()
    return Int(exactly: number).map(String.init) ?? "\(number)"
  }

  /// The region of a shape; nil for one of a type that is not read.
  private static func outline(
    of shape: Written, _ index: Int, _ label: String, _ path: String
  ) throws -> Outline? {
    let points = shape.points
    func needs(_ count: Int) throws {
      guard points.count >= count else {
        throw ContentError(
          path: path,
          expected: "at least \(count) points in shape \(index) (\(shape.type) '\(label)')",
          received: "\(points.count)")
      }
    }
    switch shape.type {
    case "polygon", "rotation", "ai_polygon":
      try needs(3)
      return .polygon(points)
    case "oriented_rectangle":
      // The four corners; the meaning of two of them and an angle would be ambiguous.
      try needs(4)
      return .polygon(points)
    case "rectangle":
      try needs(2)
      // Two opposite corners, or all four in order.
      guard points.count == 2 else {
        try needs(4)
        return .polygon(points)
      }
      let (a, b) = (points[0], points[1])
      return .polygon([a, Point(x: b.x, y: a.y), b, Point(x: a.x, y: b.y)])
    case "circle":
      try needs(2)
      let (dx, dy) = (points[1].x - points[0].x, points[1].y - points[0].y)
      return .circle(center: points[0], radius: (dx * dx + dy * dy).squareRoot())
    case "mask", "ai_mask":
      try needs(1)
      guard
        let bytes = shape.mask.flatMap({
          Data(base64Encoded: $0, options: .ignoreUnknownCharacters)
        }), !bytes.isEmpty
      else {
        throw ContentError(
          path: path, expected: "a base64 PNG in shape \(index)", received: "none")
      }
      return .bitmap(
        try Image(encoded: Array(bytes), name: "\(path) (mask of shape \(index))", as: .gray),
        x: Int(points[0].x.rounded()), y: Int(points[0].y.rounded()))
    default: return nil
    }
  }

  /// Whether a JSON file is labelme's: an object with `shapes`.
  static func isOne(_ path: String) -> Bool {
    guard let text = try? JSONText(contentsOf: path) else { return false }
    var cursor = JSONCursor(text)
    var found = false
    // Damage after the key is reported by the reader.
    try? cursor.object { key, value in
      if key == "shapes", value.kind == .array { found = true }
    }
    return found
  }

  /// The image embedded in the file, if there is one.
  static func embeddedImage(in path: String) throws -> Image? {
    var cursor = JSONCursor(try JSONText(contentsOf: path))
    var text: String?
    try cursor.object { key, value in
      if key == "imageData", value.kind == .string { text = try value.string() }
    }
    guard let text, !text.isEmpty else { return nil }
    guard let bytes = Data(base64Encoded: text, options: .ignoreUnknownCharacters) else {
      throw ContentError(path: path, expected: "base64 in imageData", received: "other text")
    }
    return try Image(encoded: Array(bytes), name: "\(path) (imageData)", as: .color)
  }

  /// Labels that name object classes.
  var labels: Set<String> {
    Set(shapes.map(\.label)).filter { !ClassName.isBackground($0) && $0 != "__ignore__" }
  }

  /// The objects: shapes of one label and group are joined, at the position of the first.
  var objects: [DrawnObject] {
    struct Instance: Hashable {
      var label: String
      var group: String
    }
    var objects = unread
    var groups: [Instance: Int] = [:]
    for shape in shapes {
      let instance = shape.group.map { Instance(label: shape.label, group: $0) }
      if let instance, let known = groups[instance] {
        objects[known].outlines.append(shape.outline)
        continue
      }
      if let instance { groups[instance] = objects.count }
      objects.append(DrawnObject(name: shape.label, outlines: [shape.outline]))
    }
    return objects
  }
}
