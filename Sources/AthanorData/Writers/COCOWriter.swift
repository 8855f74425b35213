import AthanorCore
import AthanorVision

/// COCO's instances: `annotations/instances_{split}.json`, images in a folder per split.
///
/// Polygons are written as in the data set, other regions as run lengths. Without regions an
/// object's region are the pixels of its class inside its box. Masks with classes that no box has
/// or with pixels to ignore are refused, and images without labels.
public struct COCOWriter: DatasetWriter {
  public static let name = "coco"
  public static let summary = "COCO instances JSON: boxes, polygons and run lengths, category ids"

  public static let keepsCrowds = true

  private let folder: String
  private let splits: [Split]
  private let labels: DrawnLabels
  private let written = Numbered<(split: Split, image: String, objects: [String])>()
  private let ids: [COCOIdentifier]

  public init(_ folder: String, _ classes: DataClasses, _ splits: [Split]) throws {
    (self.folder, self.splits) = (folder, splits)
    labels = try DrawnLabels(classes, Self.self)
    let own = classes.categoryIDs
    let isOwn = own.count == classes.boxes.count && Set(own).count == own.count
    ids = isOwn ? own : classes.boxes.indices.map { .number($0 + 1) }
    for part in ["annotations"] + splits.map(\.rawValue) { try makeFolder("\(folder)/\(part)") }
  }

  public func write(_ outgoing: OutgoingSample) throws {
    let image = outgoing.sample.image
    let objects: [DrawnObject]
    do {
      objects = try labels.objects(of: outgoing.sample, ignores: false) { object in
        guard !object.outlines.isEmpty, !object.outlines.areWholePolygons else { return object }
        var object = object
        object.outlines = [
          .bitmap(object.outlines.bitmap(width: image.width, height: image.height), x: 0, y: 0)
        ]
        return object
      }
    } catch let error as DrawnLabels.Unrepresentable {
      throw Self.refusal(
        outgoing.name, holds: "boxes, and masks that are painted by objects with boxes",
        received: error.reason)
    }
    try outgoing.writeImage(in: "\(folder)/\(outgoing.split)")
    let entry: JSON = [
      "id": .integer(outgoing.imageID), "file_name": .string(outgoing.imageName),
      "width": .integer(image.width), "height": .integer(image.height),
    ]
    written.add(
      (
        outgoing.split, entry.compact,
        try objects.map {
          try self.entry($0, image: outgoing.imageID, image.width, image.height).compact
        }
      ), outgoing.number)
  }

  /// An annotation without its id.
  private func entry(_ object: DrawnObject, image: Int, _ width: Int, _ height: Int) throws -> JSON
  {
    let c = object.corners ?? (0, 0, 0, 0)
    let label = try labels.label(of: object)
    let box = [c.0, c.1, c.2 - c.0, c.3 - c.1]
    return [
      "image_id": .integer(image), "category_id": ids[label].json,
      "bbox": .array(box.map(JSON.plain)),
      "area": .plain(object.area ?? box[2] * box[3]), "iscrowd": .integer(object.isCrowd ? 1 : 0),
      "segmentation": Self.segmentation(object.outlines, width, height),
    ]
  }

  /// Polygons as lists of x and y, other regions as run lengths in column order.
  private static func segmentation(_ outlines: [Outline], _ width: Int, _ height: Int) -> JSON {
    guard !outlines.areWholePolygons else {
      return .array(
        outlines.map { outline in
          guard case .polygon(let points) = outline else { return .array([]) }
          return .array(points.flatMap { [JSON.plain($0.x), JSON.plain($0.y)] })
        })
    }
    let bitmap = outlines.bitmap(width: width, height: height)
    var counts: [JSON] = []
    var (run, value) = (0, UInt8(0))
    for x in 0..<width {
      for y in 0..<height {
        if bitmap.pixels[y * width + x] != value {
          counts.append(.integer(run))
          (run, value) = (0, 1 - value)
        }
        run += 1
      }
    }
    counts.append(.integer(run))
    return ["size": [.integer(height), .integer(width)], "counts": .array(counts)]
  }

  public func finish() throws {
    let categories = zip(labels.classes.boxes, ids).map { name, id -> JSON in
      ["id": id.json, "name": .string(name), "supercategory": ""]
    }
    let written = written.values
    var next = 1
    for split in splits {
      let own = written.filter { $0.split == split }
      try AtomicFile.write(to: "\(folder)/annotations/instances_\(split).json") { file in
        func append(_ text: String) throws { try file.append(Array(text.utf8)) }
        try append("{\"categories\":\(JSON.array(categories).compact),\n\"images\":[")
        try append(own.map(\.image).joined(separator: ",\n"))
        try append("],\n\"annotations\":[")
        var separator = ""
        for object in own.flatMap(\.objects) {
          try append("\(separator){\"id\":\(next),\(object.dropFirst())")
          (separator, next) = (",\n", next + 1)
        }
        try append("]}\n")
      }
    }
  }
}

extension JSON {
  /// A number, written as an integer if it is one.
  static func plain(_ value: Double) -> JSON {
    Int(exactly: value).map { .integer($0) } ?? .number(value)
  }
}

extension [Outline] {
  /// Whether all are polygons of at least three corners; COCO's tools read others differently.
  fileprivate var areWholePolygons: Bool {
    allSatisfy { outline in
      if case .polygon(let points) = outline { points.count > 2 } else { false }
    }
  }
}
