import AthanorCore
import AthanorVision
import Foundation

/// labelme's JSON files beside their images, in a folder per split; `labels.txt` lists the classes.
///
/// Polygons and circles are written unchanged, other regions as shapes of type `mask`, pixels to
/// ignore as a mask of `__ignore__`. Boxes that are not the extent of a region, masks that no
/// objects paint and images without labels are refused.
public struct LabelmeWriter: DatasetWriter {
  public static let name = "labelme"
  public static let summary = "labelme JSON beside each image: polygons and masks of objects"

  private let folder: String
  private let labels: DrawnLabels

  public init(_ folder: String, _ classes: DataClasses, _ splits: [Split]) throws {
    self.folder = folder
    labels = try DrawnLabels(classes, Self.self)
    guard labels.paints || classes.boxes.isEmpty else {
      throw ContentError(
        path: Self.name, expected: "masks: a shape gives its pixels to its class",
        received: "boxes alone (voc, coco, yolo and folder keep them)")
    }
    for split in splits { try makeFolder("\(folder)/\(split)") }
    try Self.writeList(
      [DrawnLabels.ignore, "_background_"] + classes.boxes, to: "\(folder)/labels.txt")
  }

  public func write(_ outgoing: OutgoingSample) throws {
    let sample = outgoing.sample
    let objects: [DrawnObject]
    do {
      objects = try labels.objects(of: sample, ignores: true) { object in
        guard !object.outlines.isEmpty else {
          throw DrawnLabels.Unrepresentable(reason: "a box of '\(object.name)' without an outline")
        }
        var object = object
        object.box = nil
        return object
      }
    } catch let error as DrawnLabels.Unrepresentable {
      throw Self.refusal(
        outgoing.name, holds: "masks that are painted by objects, boxes that bound their regions",
        received: error.reason)
    }
    try outgoing.writeImage(in: "\(folder)/\(outgoing.split)")
    var shapes: [JSON] = []
    var groups = 0
    for object in objects {
      if object.outlines.count > 1 { groups += 1 }
      for outline in object.outlines {
        shapes.append(
          try Self.shape(outline, object.name, object.outlines.count > 1 ? groups : nil))
      }
    }
    let file: JSON = [
      "version": "5.5.0", "flags": [:], "shapes": .array(shapes),
      "imagePath": .string(FileName.last(of: outgoing.imageName)), "imageData": .null,
      "imageHeight": .integer(sample.image.height), "imageWidth": .integer(sample.image.width),
    ]
    try AtomicFile.write(
      file.pretty + "\n", to: "\(folder)/\(outgoing.split)/\(outgoing.name).json")
  }

  private static func shape(_ outline: Outline, _ label: String, _ group: Int?) throws -> JSON {
    let (type, points, mask): (String, [Point], JSON)
    switch outline {
    case .polygon(let corners): (type, points, mask) = ("polygon", corners, .null)
    case .circle(let center, let radius):
      (type, points, mask) = ("circle", [center, Point(x: center.x + radius, y: center.y)], .null)
    case .bitmap(let bitmap, let x, let y):
      let black = Image(
        width: bitmap.width, height: bitmap.height, channels: 1,
        pixels: bitmap.pixels.map { $0 == 0 ? 0 : 255 })
      type = "mask"
      points = [
        Point(x: Double(x), y: Double(y)),
        Point(x: Double(x + bitmap.width - 1), y: Double(y + bitmap.height - 1)),
      ]
      mask = .string(Data(try black.pngData()).base64EncodedString())
    }
    return [
      "label": .string(label),
      "points": .array(points.map { .array([.number($0.x), .number($0.y)]) }),
      "group_id": group.map { .integer($0) } ?? .null, "description": "",
      "shape_type": .string(type), "flags": [:], "mask": mask,
    ]
  }

  public func finish() {}
}
