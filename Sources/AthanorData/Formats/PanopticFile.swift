import AthanorCore

/// A panoptic annotation file of COCO: the classes, the images, and what the segments in their PNG
/// files are.
///
/// Source: https://cocodataset.org/#format-data, point 4.
struct PanopticFile: Sendable {
  struct Category: Sendable {
    var id: Int
    var name: String
    /// Whether objects are told apart; true where the file does not say.
    var isThing = true
    var color: [UInt8]?
  }

  struct Segment: Sendable {
    var category: Int
    /// x, y, width, height; nil where the file does not say.
    var box: [Double]?
    var area: Double?
    var isCrowd = false
  }

  struct Picture: Sendable {
    var fileName: String
    /// 0 where the file does not say.
    var width = 0
    var height = 0
    /// The PNG of the segments; nil where no annotation is of the image.
    var segmentFile: String?
    /// By the value in the PNG.
    var segments: [Int: Segment] = [:]
  }

  var categories: [Category] = []
  var pictures: [Picture] = []
  /// How many annotations name an image that the file does not have.
  var strangers = 0

  private struct Annotation {
    var image: String?
    var file: String?
    var segments: [Int: Segment] = [:]
  }

  /// Errors: throws `FileError`; `JSONError` for what is no such file, an id that occurs twice and
  /// a segment of a category that is none.
  init(contentsOf path: String) throws {
    var cursor = JSONCursor(try JSONText(contentsOf: path))
    var missing: Set = ["images", "annotations", "categories"]
    var annotations: [Annotation] = []
    var places: [String: Int] = [:]
    let start = cursor.offset
    try cursor.object { key, value in
      missing.remove(key.string)
      switch key {
      case "categories":
        try value.array { _, entry in
          let category = try Self.category(&entry)
          guard !categories.contains(where: { $0.id == category.id }) else {
            throw entry.error(
              expected: "an id used once", received: "\(category.id) again", key: "id")
          }
          categories.append(category)
        }
      case "images":
        try value.array { _, entry in
          let (id, picture) = try Self.picture(&entry)
          guard places.updateValue(pictures.count, forKey: id) == nil else {
            throw entry.error(expected: "an id used once", received: "\(id) again", key: "id")
          }
          pictures.append(picture)
        }
      case "annotations":
        try value.array { _, entry in annotations.append(try Self.annotation(&entry)) }
      default: break
      }
    }
    try cursor.end()
    if let key = missing.sorted().first {
      throw cursor.error(
        expected: "an object with images, annotations and categories", received: "no '\(key)'",
        at: start)
    }
    let known = Set(categories.map(\.id))
    for annotation in annotations {
      guard let place = annotation.image.flatMap({ places[$0] }) else {
        strangers += 1
        continue
      }
      for (id, segment) in annotation.segments where !known.contains(segment.category) {
        throw cursor.error(
          expected: "a category_id of 'categories' in every segment",
          received: "\(segment.category) in segment \(id) of '\(pictures[place].fileName)'",
          at: start)
      }
      pictures[place].segmentFile =
        annotation.file ?? FileName.withoutKind(pictures[place].fileName) + ".png"
      pictures[place].segments.merge(annotation.segments) { first, _ in first }
    }
  }

  /// Whether a JSON file is one of these: an annotation in it has `segments_info`.
  static func isOne(_ path: String) -> Bool {
    guard let text = try? JSONText(contentsOf: path) else { return false }
    struct Found: Error {
      var isPanoptic: Bool
    }
    var cursor = JSONCursor(text)
    do {
      try cursor.object { key, value in
        guard key == "annotations", value.kind == .array else { return }
        var isPanoptic = false
        try value.array { _, entry in
          try entry.object { key, _ in isPanoptic = isPanoptic || key == "segments_info" }
          throw Found(isPanoptic: isPanoptic)
        }
      }
    } catch let found as Found {
      return found.isPanoptic
    } catch {}
    return false
  }

  private static func category(_ value: inout JSONCursor) throws -> Category {
    let start = value.offset
    var (id, category) = (Int?.none, Category(id: 0, name: ""))
    try value.object { key, value in
      switch key {
      case "id": id = try value.integer()
      case "name": category.name = try value.string()
      case "isthing": category.isThing = try flag(&value)
      case "color":
        category.color = try value.value().array?.compactMap {
          $0.integer.flatMap(UInt8.init(exactly:))
        }
      default: break
      }
    }
    guard let id, !category.name.isEmpty else {
      throw value.error(expected: "an id and a name", received: "less", at: start)
    }
    category.id = id
    if category.color?.count != 3 { category.color = nil }
    return category
  }

  private static func picture(_ value: inout JSONCursor) throws -> (String, Picture) {
    let start = value.offset
    var (id, picture) = (String?.none, Picture(fileName: ""))
    try value.object { key, value in
      switch key {
      case "id": id = try identifier(&value)
      case "file_name": picture.fileName = try value.string().replacing("\\", with: "/")
      case "width": picture.width = try value.isNull() ? 0 : value.integer()
      case "height": picture.height = try value.isNull() ? 0 : value.integer()
      default: break
      }
    }
    guard let id, !picture.fileName.isEmpty else {
      throw value.error(expected: "an id and a file_name", received: "less", at: start)
    }
    return (id, picture)
  }

  private static func annotation(_ value: inout JSONCursor) throws -> Annotation {
    var annotation = Annotation()
    try value.object { key, value in
      switch key {
      case "image_id": annotation.image = try identifier(&value)
      case "file_name": annotation.file = try value.string().replacing("\\", with: "/")
      case "segments_info":
        try value.array { _, entry in
          let start = entry.offset
          let (id, segment) = try Self.segment(&entry)
          guard let id, (1..<(1 << 24)).contains(id), annotation.segments[id] == nil else {
            throw entry.error(
              expected: "an id in 1…16777215 of its own",
              received: id.map { "\($0)" } ?? "nothing", at: start, key: "id")
          }
          annotation.segments[id] = segment
        }
      default: break
      }
    }
    return annotation
  }

  private static func segment(_ value: inout JSONCursor) throws -> (Int?, Segment) {
    let start = value.offset
    var (id, category, segment) = (Int?.none, Int?.none, Segment(category: 0))
    try value.object { key, value in
      switch key {
      case "id": id = try value.integer()
      case "category_id": category = try value.integer()
      case "area": segment.area = try value.isNull() ? nil : value.double()
      case "iscrowd": segment.isCrowd = try flag(&value)
      case "bbox":
        let place = value.offset
        var box: [Double] = []
        if try value.isNull() { return }
        try value.array { _, number in box.append(try number.double()) }
        guard box.isEmpty || box.count == 4 else {
          throw value.error(
            expected: "4 numbers (x, y, width, height)", received: "\(box.count)", at: place)
        }
        segment.box = box.isEmpty ? nil : box
      default: break
      }
    }
    guard let category else {
      throw value.error(
        expected: "a category_id", received: "nothing", at: start, key: "category_id")
    }
    segment.category = category
    return (id, segment)
  }

  private static func flag(_ value: inout JSONCursor) throws -> Bool {
    if try value.isNull() { return false }
    return value.kind == .bool ? try value.bool() : try value.integer() != 0
  }

  private static func identifier(_ value: inout JSONCursor) throws -> String {
    value.kind == .string ? try value.string() : "\(try value.integer())"
  }
}
