import AthanorCore

extension COCOFile {
  /// What COCO's annotation files can hold.
  enum Kind: Sendable {
    case instances, panoptic
  }

  /// The kind of a JSON file, told by its keys; nil for one that is none of COCO's.
  static func kind(ofFile path: String) -> Kind? {
    guard let text = try? JSONText(contentsOf: path) else { return nil }
    var cursor = JSONCursor(text)
    var lists = Set<String>()
    var isPanoptic = false
    // Damage behind the keys is for the reader to tell.
    try? cursor.object { key, value in
      guard value.kind == .array else { return }
      lists.insert(key.string)
      guard key == "annotations" else { return }
      try value.array { index, item in
        guard index == 0, item.kind == .object else { return }
        try item.object { key, _ in isPanoptic = isPanoptic || key == "segments_info" }
      }
    }
    if isPanoptic { return .panoptic }
    return lists.isSuperset(of: ["images", "annotations", "categories"]) ? .instances : nil
  }

  /// Counts what annotations refer to and the file does not have.
  func note(_ warnings: WarningLog) {
    let file = path ?? ""
    if let unknown = unknownImages {
      warnings.note(
        "annotation of an image that the file does not list left out (first: image \(unknown.id))",
        in: file, count: unknown.count)
    }
    if let unknown = unknownCategories {
      warnings.note(
        "annotation of a category that the file does not list left out, its pixels ignored "
          + "(first: category \(unknown.id))", in: file, count: unknown.count)
    }
  }

  /// The class name of an annotation: of a category that the file does not list nothing is known,
  /// its pixels included.
  func className(of annotation: Annotation) -> String {
    annotation.category < 0 ? ClassName.unread : categories[annotation.category].name
  }

  /// Errors: throws `DatasetError` where the file gives an image another size than it has.
  func checkSize(ofImage index: Int, width: Int, height: Int, _ imagePath: String) throws {
    let entry = images[index]
    let (wanted, high) = (entry.width ?? width, entry.height ?? height)
    guard (wanted, high) != (width, height) else { return }
    throw DatasetError(
      path: imagePath, expected: "\(wanted)×\(high), as \(path ?? "the annotations") says",
      received: "\(width)×\(height)")
  }
}
