extension COCOFileReader {
  /// Records that an id is that of the item at `index`; returns the earlier item with this id,
  /// if any.
  static func note(_ id: Int32, _ index: Int, in indices: inout [Int]) -> Int? {
    while indices.count <= Int(id) { indices.append(-1) }
    defer { if indices[Int(id)] < 0 { indices[Int(id)] = index } }
    return indices[Int(id)] < 0 ? nil : indices[Int(id)]
  }

  static func path(_ cursor: inout JSONCursor) throws -> String? {
    if try cursor.isNull() { return nil }
    let path = try cursor.string()
    guard path.utf8.contains(UInt8(ascii: "\\")) else { return path }
    return String(path.map { $0 == "\\" ? "/" : $0 })
  }

  /// 0 or 1, false or true; null is false.
  static func flag(_ cursor: inout JSONCursor) throws -> Bool {
    switch cursor.kind {
    case .number: try cursor.integer() != 0
    case .bool: try cursor.bool()
    case .null: try !cursor.isNull()
    default: throw cursor.error(expected: "0 or 1")
    }
  }

  /// Three numbers of 0…255; nil for anything else, since colours are only for display.
  static func color(_ cursor: JSONCursor) -> SIMD3<UInt8>? {
    var cursor = cursor
    let parts = (try? cursor.value())?.array?.compactMap {
      $0.integer.flatMap(UInt8.init(exactly:))
    }
    guard let parts, parts.count == 3 else { return nil }
    return SIMD3(parts)
  }

  /// Reads a box of four numbers; false for null and for an empty list.
  static func box(
    _ cursor: inout JSONCursor, _ annotation: inout COCOFile.Annotation
  ) throws -> Bool {
    if try cursor.isNull() { return false }
    guard let box = try cursor.box() else { return false }
    (annotation.x, annotation.y, annotation.width, annotation.height) = box
    return true
  }

  mutating func id(_ cursor: inout JSONCursor, _ annotation: inout COCOFile.Annotation) throws {
    switch try COCOIdentifier(&cursor) {
    case .number(let number): annotation.number = number
    case .text(let text):
      annotation.hasTextID = true
      annotation.number = textIDs.count
      textIDs.append(text)
    }
    annotation.hasID = true
  }

  func missing(_ key: String, _ cursor: JSONCursor, _ start: Int) -> JSONError {
    cursor.error(expected: "a whole number or text", received: "nothing", at: start, key: key)
  }

  /// Fills in a missing box and a missing area from the outline.
  func derive(
    _ annotation: inout COCOFile.Annotation, _ hasBox: Bool, _ hasArea: Bool,
    _ cursor: JSONCursor, _ start: Int
  ) throws {
    var outline = COCOSegmentation.none
    if let offset = annotation.segmentationOffset {
      var cursor = JSONCursor(text, at: offset)
      do {
        outline = try COCOSegmentation(&cursor)
      } catch let error as JSONError {
        throw error.inside("segmentation")
      }
    }
    if !hasBox {
      guard let extent = outline.extent else {
        throw cursor.error(
          expected: "4 numbers (x, y, width, height), or a segmentation", received: "neither",
          at: start, key: "bbox")
      }
      (annotation.x, annotation.y, annotation.width, annotation.height) = extent
    }
    if !hasArea { annotation.area = outline.area ?? annotation.width * annotation.height }
  }
}

extension JSONCursor {
  /// Reads an array of four numbers; nil for an empty one.
  mutating func box() throws -> (Double, Double, Double, Double)? {
    let start = offset
    var box = (0.0, 0.0, 0.0, 0.0)
    var count = 0
    guard kind == .array else { throw error(expected: "4 numbers (x, y, width, height)") }
    try array { index, number in
      switch index {
      case 0: box.0 = try number.double()
      case 1: box.1 = try number.double()
      case 2: box.2 = try number.double()
      case 3: box.3 = try number.double()
      default: break
      }
      count = index + 1
    }
    if count == 0 { return nil }
    guard count == 4 else {
      throw error(expected: "4 numbers (x, y, width, height)", received: "\(count)", at: start)
    }
    return box
  }
}
