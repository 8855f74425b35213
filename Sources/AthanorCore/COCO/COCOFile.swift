/// The content of a COCO annotation file: instances, or panoptic segments.
///
/// Annotations take 64 bytes each; outlines stay in the file and are read on demand.
///
/// Source: https://cocodataset.org/#format-data
public struct COCOFile: Sendable {
  public struct Image: Equatable, Sendable {
    public var id: COCOIdentifier
    /// With `/` between folders, even where the file has `\`.
    public var fileName: String?
    /// Pixels; `nil` where the file does not say.
    public var width: Int?
    public var height: Int?
    /// The PNG of a panoptic file's segments.
    public var panopticFile: String?
  }

  public struct Category: Equatable, Sendable {
    public var id: COCOIdentifier
    /// The id where the file gives no name. Two categories can have the same name.
    public var name: String
    /// In panoptic files: a countable thing, or stuff.
    public var isThing: Bool?
    /// Red, green, blue.
    public var color: SIMD3<UInt8>?
  }

  /// An image or a category that annotations refer to and the file does not list.
  public struct Unknown: Equatable, Sendable {
    /// The number of annotations that refer to it.
    public var count: Int
    /// The first of them, as an index of `annotations`.
    public var first: Int
    /// The id of that annotation, if it has one.
    public var annotation: COCOIdentifier?
    /// The id it refers to.
    public var id: COCOIdentifier
  }

  public let text: JSONText
  public internal(set) var images: [Image] = []
  public internal(set) var categories: [Category] = []
  /// In the order of the file.
  public internal(set) var annotations: [Annotation] = []
  /// Whether the annotations are segments of panoptic images, whose ids are their images' own.
  public let isPanoptic: Bool
  public internal(set) var unknownImages: Unknown?
  public internal(set) var unknownCategories: Unknown?
  /// Ids of annotations that are text, by `Annotation.number`.
  var textIDs: [String] = []
  /// Annotations by image: those of image i are `order[starts[i]..<starts[i + 1]]`.
  private(set) var starts: [Int32] = []
  private(set) var order: [Int32] = []

  public var path: String? { text.file }

  /// Reads the file at `path`.
  ///
  /// Needs `images[].id`, `categories[].id` and of `annotations[]` `image_id`, `category_id` and
  /// `bbox` (x, y, width, height) or `segmentation`. A missing `bbox` is the extent of the outline;
  /// a missing `area` that of the outline, else of the box; other keys are not read.
  ///
  /// Errors: throws `FileError` when the file cannot be read; `JSONError` for any other content,
  /// and for an image's id or file name or a category's id that occurs twice.
  public init(contentsOf path: String) throws { try self.init(JSONText(contentsOf: path)) }

  public init(_ text: JSONText) throws {
    self.text = text
    var reader = COCOFileReader(text)
    try reader.read()
    (images, categories, annotations) = (reader.images, reader.categories, reader.annotations)
    textIDs = reader.textIDs
    isPanoptic = reader.isPanoptic
    resolve(reader)
    group()
  }

  /// The indices of an image's annotations, in the order of the file.
  public func annotations(ofImage image: Int) -> ArraySlice<Int32> {
    order[Int(starts[image])..<Int(starts[image + 1])]
  }

  /// The id that the file gives an annotation.
  public func id(ofAnnotation index: Int) -> COCOIdentifier? {
    let annotation = annotations[index]
    guard annotation.hasID else { return nil }
    return annotation.hasTextID ? .text(textIDs[annotation.number]) : .number(annotation.number)
  }

  /// The index of an annotation whose id is missing or occurs twice, if there is one.
  public func firstWithoutOwnID() -> Int? {
    var (numbers, texts) = (Set<Int>(minimumCapacity: annotations.count), Set<String>())
    return annotations.indices.first { index in
      let annotation = annotations[index]
      guard annotation.hasID else { return true }
      return annotation.hasTextID
        ? !texts.insert(textIDs[annotation.number]).inserted
        : !numbers.insert(annotation.number).inserted
    }
  }

  /// The outline of an annotation, read from the file.
  public func segmentation(of index: Int) throws -> COCOSegmentation {
    var leftOut = 0
    return try segmentation(of: index, leftOut: &leftOut)
  }

  /// As above; `leftOut` becomes the number of its polygons of less than three points.
  public func segmentation(of index: Int, leftOut: inout Int) throws -> COCOSegmentation {
    guard let offset = annotations[index].segmentationOffset else { return .none }
    var cursor = JSONCursor(text, at: offset)
    do {
      return try COCOSegmentation(&cursor, leftOut: &leftOut)
    } catch let error as JSONError {
      throw error.inside("annotations[\(index)].segmentation")
    }
  }

  /// An error about an annotation, with its position in the file. `key` is one of its keys.
  public func error(
    ofAnnotation index: Int, key: String, expected: String, received: String
  ) -> JSONError {
    var place: JSONError?
    var cursor = JSONCursor(text)
    try? cursor.object { name, list in
      guard name == "annotations" else { return }
      place = list.itemError(index, key: key, expected: expected, received: received)?
        .inside("annotations")
    }
    return place
      ?? cursor.error(
        expected: expected, received: received, key: "annotations[\(index)].\(key)")
  }

  /// From the ids of images and categories to their indices.
  private mutating func resolve(_ reader: COCOFileReader) {
    for i in annotations.indices {
      let (image, category) = (annotations[i].image, annotations[i].category)
      annotations[i].image = reader.imageIndices[image]
      annotations[i].category = reader.categoryIndices[category]
      if annotations[i].image < 0 {
        note(&unknownImages, i, reader.imageIDs.identifiers[image])
      }
      if annotations[i].category < 0 {
        note(&unknownCategories, i, reader.categoryIDs.identifiers[category])
      }
    }
  }

  private func note(_ unknown: inout Unknown?, _ index: Int, _ id: COCOIdentifier) {
    if unknown == nil {
      unknown = Unknown(count: 0, first: index, annotation: self.id(ofAnnotation: index), id: id)
    }
    unknown!.count += 1
  }

  private mutating func group() {
    starts = [Int32](repeating: 0, count: images.count + 1)
    for annotation in annotations where annotation.image >= 0 { starts[annotation.image + 1] += 1 }
    for i in images.indices { starts[i + 1] += starts[i] }
    order = [Int32](repeating: 0, count: Int(starts[images.count]))
    var next = starts
    for (i, annotation) in annotations.enumerated() where annotation.image >= 0 {
      order[Int(next[annotation.image])] = Int32(i)
      next[annotation.image] += 1
    }
  }
}

extension JSONCursor {
  /// An error about one object in this array, at its member `key` if it has one.
  mutating func itemError(
    _ wanted: Int, key: String, expected: String, received: String
  ) -> JSONError? {
    var found: JSONError?
    try? array { index, item in
      guard index == wanted else { return }
      found = item.error(expected: expected, received: received, key: key)
      try item.object { name, value in
        guard name.string == key else { return }
        found = value.error(expected: expected, received: received).inside(key)
      }
    }
    return found?.inside("[\(wanted)]")
  }
}
