/// Reads a COCO file from front to back. Ids are numbered in the order they occur, since
/// annotations may precede the images and categories they refer to.
struct COCOFileReader {
  let text: JSONText
  var images: [COCOFile.Image] = []
  var categories: [COCOFile.Category] = []
  /// `image` and `category` are indices of `imageIDs` and `categoryIDs`.
  var annotations: [COCOFile.Annotation] = []
  var textIDs: [String] = []
  var isPanoptic = false
  var imageIDs = COCOIdentifierTable()
  var categoryIDs = COCOIdentifierTable()
  /// From an index of `imageIDs` to one of `images`, −1 without.
  var imageIndices: [Int] = []
  var categoryIndices: [Int] = []
  private var fileNames: [String: Int] = [:]
  /// By index of `imageIDs`.
  private var panopticFiles: [Int: String] = [:]

  init(_ text: JSONText) { self.text = text }

  mutating func read() throws {
    var cursor = JSONCursor(text)
    var missing = ["images", "annotations", "categories"]
    guard cursor.kind == .object || cursor.kind == nil else {
      throw cursor.error(
        expected: "an object with 'images', 'annotations' and 'categories'")
    }
    let start = cursor.offset
    try cursor.object { key, value in
      let known = missing.count
      missing.removeAll { $0 == key.string }
      switch key {
      case "images":
        try list(known == missing.count, &value) { try $0.image($1, &$2) }
      case "categories":
        try list(known == missing.count, &value) { try $0.category($1, &$2) }
      case "annotations":
        try list(known == missing.count, &value) { try $0.annotation(&$2) }
      default: break
      }
    }
    try cursor.end()
    if let key = missing.first {
      throw cursor.error(
        expected: "an object with 'images', 'annotations' and 'categories'",
        received: "no '\(key)'", at: start)
    }
    imageIndices += Array(
      repeating: -1, count: imageIDs.identifiers.count - imageIndices.count)
    categoryIndices += Array(
      repeating: -1, count: categoryIDs.identifiers.count - categoryIndices.count)
    for (id, file) in panopticFiles where imageIndices[id] >= 0 {
      images[imageIndices[id]].panopticFile = file
    }
  }

  private mutating func list(
    _ isRepeated: Bool, _ cursor: inout JSONCursor,
    _ read: (inout COCOFileReader, Int, inout JSONCursor) throws -> Void
  ) throws {
    if isRepeated { throw cursor.error(expected: "each key once", received: "it again") }
    guard cursor.kind == .array else { throw cursor.error(expected: "an array of objects") }
    try cursor.array { try read(&self, $0, &$1) }
  }

  private mutating func image(_ index: Int, _ cursor: inout JSONCursor) throws {
    let start = cursor.offset
    var id: Int32?
    var image = COCOFile.Image(id: .number(0))
    try cursor.object { key, value in
      switch key {
      case "id": id = try imageIDs.read(&value)
      case "file_name": image.fileName = try Self.path(&value)
      case "width": image.width = try value.side()
      case "height": image.height = try value.side()
      default: break
      }
    }
    guard let id else {
      throw cursor.error(
        expected: "a whole number or text", received: "nothing", at: start, key: "id")
    }
    image.id = imageIDs.identifiers[Int(id)]
    if let first = Self.note(id, index, in: &imageIndices) {
      throw cursor.error(
        expected: "an id used once", received: "\(image.id), as images[\(first)]", at: start,
        key: "id")
    }
    if let name = image.fileName, let first = fileNames.updateValue(index, forKey: name) {
      throw cursor.error(
        expected: "each image once", received: "'\(name)', as images[\(first)]", at: start,
        key: "file_name")
    }
    images.append(image)
  }

  private mutating func category(_ index: Int, _ cursor: inout JSONCursor) throws {
    let start = cursor.offset
    var id: Int32?
    var name: String?
    var category = COCOFile.Category(id: .number(0), name: "")
    try cursor.object { key, value in
      switch key {
      case "id": id = try categoryIDs.read(&value)
      case "name": name = try value.isNull() ? nil : try value.string()
      case "isthing": category.isThing = try value.isNull() ? nil : Self.flag(&value)
      case "color": category.color = Self.color(value)
      default: break
      }
    }
    guard let id else {
      throw cursor.error(
        expected: "a whole number or text", received: "nothing", at: start, key: "id")
    }
    category.id = categoryIDs.identifiers[Int(id)]
    if let first = Self.note(id, index, in: &categoryIndices) {
      throw cursor.error(
        expected: "an id used once", received: "\(category.id), as categories[\(first)]",
        at: start, key: "id")
    }
    switch category.id {
    case .number(let number): category.name = name ?? "\(number)"
    case .text(let text): category.name = name ?? text
    }
    categories.append(category)
  }

  /// - Parameter isSegment: Whether it is a segment of a panoptic annotation, which names the image
  ///   for all its segments.
  private mutating func annotation(_ cursor: inout JSONCursor, isSegment: Bool = false) throws {
    let start = cursor.offset
    var annotation = COCOFile.Annotation()
    var (image, category): (Int32?, Int32?)
    var (hasBox, hasArea, hasSegments) = (false, false, false)
    var panopticFile: String?
    let first = annotations.count
    try cursor.object { key, value in
      switch key {
      case "segmentation":
        if value.kind != .null { annotation.segmentationOffset = value.offset }
      case "bbox": hasBox = try Self.box(&value, &annotation)
      case "area":
        hasArea = try !value.isNull()
        if hasArea { annotation.area = try value.double() }
      case "id": try id(&value, &annotation)
      case "image_id": image = try imageIDs.read(&value)
      case "category_id": category = try categoryIDs.read(&value)
      case "iscrowd": annotation.isCrowd = try Self.flag(&value)
      case "segments_info" where !isSegment:
        hasSegments = true
        try value.array { _, segment in try self.annotation(&segment, isSegment: true) }
      case "file_name": if value.kind == .string { panopticFile = try Self.path(&value) }
      default: break
      }
    }
    if hasSegments {
      isPanoptic = true
      guard let image else { throw missing("image_id", cursor, start) }
      for i in first..<annotations.count { annotations[i].image = Int(image) }
      panopticFiles[Int(image)] = panopticFile
      return
    }
    if let image { annotation.image = Int(image) }
    guard image != nil || isSegment else { throw missing("image_id", cursor, start) }
    guard let category else { throw missing("category_id", cursor, start) }
    annotation.category = Int(category)
    annotation.hasBox = hasBox || !isSegment
    if isSegment, !hasArea { annotation.area = annotation.width * annotation.height }
    if !isSegment, !hasBox || !hasArea {
      try derive(&annotation, hasBox, hasArea, cursor, start)
    }
    annotations.append(annotation)
  }
}
