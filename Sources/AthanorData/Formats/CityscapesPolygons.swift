import AthanorCore
import AthanorVision

/// Cityscapes' `…_polygons.json`: the named polygons of an image, later ones over earlier ones.
struct CityscapesPolygons: Sendable {
  var size = StatedSize()
  var objects: [(label: String, points: [Point])] = []

  /// Errors: throws `FileError`, `JSONError`, `ContentError` for any other file.
  init(contentsOf path: String) throws {
    var cursor = JSONCursor(try JSONText(contentsOf: path))
    var hasObjects = false
    try cursor.uniqueObject { key, value in
      switch key {
      case "imgWidth": size.width = try value.side()
      case "imgHeight": size.height = try value.side()
      case "objects":
        hasObjects = true
        try value.array { _, object in
          if let read = try Self.object(&object) { objects.append(read) }
        }
      default: break
      }
    }
    try cursor.end()
    guard hasObjects else {
      throw ContentError(path: path, expected: "the key 'objects'", received: "none")
    }
  }

  /// An object; nil for one that is marked as deleted.
  private static func object(
    _ value: inout JSONCursor
  ) throws -> (label: String, points: [Point])? {
    let whole = value
    var label: String?
    var points: [Point] = []
    var isDeleted = false
    try value.uniqueObject { key, value in
      switch key {
      case "label": label = ClassName.trimmed(try value.string())
      case "deleted":
        isDeleted = value.kind == .bool ? try value.bool() : try value.integer() != 0
      case "polygon":
        try value.array { _, point in
          let whole = point
          var numbers: [Double] = []
          try point.array { _, number in numbers.append(try number.double()) }
          guard numbers.count == 2, numbers.allSatisfy({ abs($0) < 1e9 }) else {
            throw whole.error(expected: "two numbers", received: "\(numbers)")
          }
          points.append(Point(x: numbers[0], y: numbers[1]))
        }
      default: break
      }
    }
    guard let label else { throw whole.error(expected: "an object with a label", received: "none") }
    return isDeleted ? nil : (label, points)
  }

  /// The drawn objects, each by the name of its class: `persongroup` is a crowd of persons, and
  /// `license plate`, which has no number, is not drawn.
  ///
  /// Errors: throws `ContentError` for a label that is not among `known`, and for another size than
  /// the image's.
  func drawn(
    _ image: Image, known: Set<String>, _ path: String
  ) throws -> [DrawnObject] {
    let (width, height) = (size.width ?? image.width, size.height ?? image.height)
    guard (width, height) == (image.width, image.height) else {
      throw ContentError(
        path: path, expected: "the image's size \(image.width)×\(image.height)",
        received: "\(width)×\(height)")
    }
    return try objects.compactMap { label, points in
      if label == "license plate", !known.contains(label) { return nil }
      var object = DrawnObject(name: label, outlines: [.polygon(points)])
      if !known.contains(label), label.hasSuffix("group") {
        object.name = String(label.dropLast(5))
        object.isCrowd = true
      }
      guard known.contains(object.name) else {
        throw ContentError.unknownClass(label, in: path, known: known.sorted())
      }
      return object
    }
  }
}
