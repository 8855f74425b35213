/// The content of a file in COCO's results format: an array of `image_id`, `category_id`, `bbox`
/// (x, y, width, height) and `score`.
public struct COCOResults: Sendable {
  public struct Detection: Sendable {
    /// An index of `imageIDs`.
    public var image: Int32 = 0
    /// An index of `categoryIDs`.
    public var category: Int32 = 0
    public var x = 0.0
    public var y = 0.0
    public var width = 0.0
    public var height = 0.0
    public var score = 0.0
  }

  public let text: JSONText
  /// In the order of the file.
  public private(set) var detections: [Detection] = []
  /// Each once, in the order of their first appearance.
  public let imageIDs: [COCOIdentifier]
  public let categoryIDs: [COCOIdentifier]

  /// Errors: throws `FileError` when the file cannot be read, `JSONError` when it is not such a
  /// file.
  public init(contentsOf path: String) throws { try self.init(JSONText(contentsOf: path)) }

  public init(_ text: JSONText) throws {
    self.text = text
    var (images, categories) = (COCOIdentifierTable(), COCOIdentifierTable())
    var detections: [Detection] = []
    var cursor = JSONCursor(text)
    guard cursor.kind == .array || cursor.kind == nil else {
      throw cursor.error(expected: "an array of results")
    }
    try cursor.array { _, result in
      let start = result.offset
      var detection = Detection()
      var read = 0
      try result.object { key, value in
        switch key {
        case "image_id":
          detection.image = try images.read(&value)
          read |= 1
        case "category_id":
          detection.category = try categories.read(&value)
          read |= 2
        case "bbox":
          guard let box = try value.box() else { break }
          (detection.x, detection.y, detection.width, detection.height) = box
          read |= 4
        case "score":
          detection.score = try value.double()
          read |= 8
        default: break
        }
      }
      if read != 15 { throw Self.missing(read, result, start) }
      detections.append(detection)
    }
    try cursor.end()
    self.detections = detections
    (imageIDs, categoryIDs) = (images.identifiers, categories.identifiers)
  }

  private static func missing(_ read: Int, _ cursor: JSONCursor, _ start: Int) -> JSONError {
    let keys = [
      ("image_id", "a whole number or text"), ("category_id", "a whole number or text"),
      ("bbox", "4 numbers (x, y, width, height)"), ("score", "a number"),
    ]
    let (key, expected) = keys[(~read).trailingZeroBitCount]
    return cursor.error(expected: expected, received: "nothing", at: start, key: key)
  }

  /// An error about a detection, with its position in the file. `key` is one of its keys.
  public func error(
    ofDetection index: Int, key: String, expected: String, received: String
  ) -> JSONError {
    var cursor = JSONCursor(text)
    return cursor.itemError(index, key: key, expected: expected, received: received)
      ?? cursor.error(expected: expected, received: received, key: "[\(index)].\(key)")
  }
}
