import AthanorCore
import AthanorVision
import Foundation

/// What labelme saves beside an image: drawn shapes with labels.
struct LabelmeFile: Sendable {
  struct Shape: Sendable {
    var label: String
    /// Shapes of one label and the same group are parts of one object.
    var group: Int?
    var outline: Outline
  }

  var shapes: [Shape]
  /// Shape types that have no area, and how many of each were left out.
  var skipped: [String: Int]
  var imagePath: String?
  var width: Int?
  var height: Int?

  /// Painted as 255 and given no box.
  static let ignoreLabel = "__ignore__"
  /// Painted as class 0 and given no box.
  static let backgroundLabels: Set<String> = ["_background_", "__background__", "background"]

  private struct File: Decodable {
    struct Shape: Decodable {
      var label: String
      var points: [[Double]]
      var shape_type: String?
      var group_id: Int?
      var mask: String?
    }
    var shapes: [Shape]
    var imagePath: String?
    var imageWidth: Int?
    var imageHeight: Int?
  }

  private struct Embedded: Decodable {
    var imageData: String?
  }

  /// Throws `FileError`, or `DatasetError` for what is no labelme file.
  init(contentsOf path: String) throws {
    let file = try decodeJSON(File.self, from: path)
    shapes = []
    skipped = [:]
    (imagePath, width, height) = (file.imagePath, file.imageWidth, file.imageHeight)
    for (index, shape) in file.shapes.enumerated() {
      let type = shape.shape_type ?? "polygon"
      let points = try shape.points.map { pair in
        guard pair.count == 2, pair.allSatisfy({ abs($0) < 1e9 }) else {
          throw DatasetError(
            path: path, expected: "points of two numbers in shape \(index) ('\(shape.label)')",
            received: "\(pair)")
        }
        return Point(x: pair[0], y: pair[1])
      }
      func needs(_ count: Int) throws {
        guard points.count >= count else {
          throw DatasetError(
            path: path,
            expected: "at least \(count) points in shape \(index) (\(type) '\(shape.label)')",
            received: "\(points.count)")
        }
      }
      let outline: Outline
      switch type {
      case "polygon":
        try needs(3)
        outline = .polygon(points)
      case "rectangle":
        try needs(2)
        let (a, b) = (points[0], points[1])
        outline = .polygon([a, Point(x: b.x, y: a.y), b, Point(x: a.x, y: b.y)])
      case "circle":
        try needs(2)
        let (center, edge) = (points[0], points[1])
        let (dx, dy) = (edge.x - center.x, edge.y - center.y)
        outline = .circle(center: center, radius: (dx * dx + dy * dy).squareRoot())
      case "mask":
        try needs(1)
        let name = "\(path) (mask of shape \(index))"
        guard let bytes = shape.mask.flatMap({ Data(base64Encoded: $0) }) else {
          throw DatasetError(
            path: path, expected: "a base64 PNG in shape \(index)", received: "none")
        }
        outline = .bitmap(
          try Image(encoded: Array(bytes), name: name, as: .gray),
          x: Int(points[0].x.rounded()), y: Int(points[0].y.rounded()))
      default:
        skipped[type, default: 0] += 1
        continue
      }
      shapes.append(Shape(label: shape.label, group: shape.group_id, outline: outline))
    }
  }

  /// The image that the file carries in itself, if it does.
  static func embeddedImage(in path: String) throws -> Image? {
    guard let text = try decodeJSON(Embedded.self, from: path).imageData, !text.isEmpty else {
      return nil
    }
    guard let bytes = Data(base64Encoded: text, options: .ignoreUnknownCharacters) else {
      throw DatasetError(path: path, expected: "base64 in imageData", received: "other text")
    }
    return try Image(encoded: Array(bytes), name: "\(path) (imageData)", as: .color)
  }

  /// Labels that name object classes.
  var labels: Set<String> {
    Set(shapes.map(\.label)).subtracting(Self.backgroundLabels).subtracting([Self.ignoreLabel])
  }

  /// The mask of the shapes, later over earlier, and a box around each object.
  func labels(
    width: Int, height: Int, indices: [String: Int]
  ) -> (mask: Image, boxes: [BoundingBox]) {
    struct Instance: Hashable {
      var label: String
      var group: Int
    }
    var mask = Image(width: width, height: height, channels: 1)
    var boxes: [BoundingBox] = []
    var groups: [Instance: Int] = [:]
    for shape in shapes {
      guard let index = indices[shape.label] else {
        mask.fill(shape.outline, with: shape.label == Self.ignoreLabel ? 255 : 0)
        continue
      }
      mask.fill(shape.outline, with: UInt8(index + 1))
      guard let extent = shape.outline.extent else { continue }
      let box = BoundingBox(
        x1: Float(extent.0), y1: Float(extent.1), x2: Float(extent.2), y2: Float(extent.3),
        label: index)
      let instance = shape.group.map { Instance(label: shape.label, group: $0) }
      if let instance, let known = groups[instance] {
        boxes[known].x1 = min(boxes[known].x1, box.x1)
        boxes[known].y1 = min(boxes[known].y1, box.y1)
        boxes[known].x2 = max(boxes[known].x2, box.x2)
        boxes[known].y2 = max(boxes[known].y2, box.y2)
      } else {
        if let instance { groups[instance] = boxes.count }
        boxes.append(box)
      }
    }
    return (mask, boxes)
  }
}
