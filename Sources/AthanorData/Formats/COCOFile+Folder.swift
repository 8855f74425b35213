import AthanorCore
import AthanorVision

extension COCOFile {
  /// The kinds of COCO's annotation files.
  enum Kind: Sendable {
    case instances, panoptic
  }

  /// The kind of a JSON file by its keys; nil for one that is not COCO's.
  ///
  /// Errors: throws `FileError`, `JSONError` where the kind is unclear because of damage.
  static func kind(ofFile path: String) throws -> Kind? {
    var cursor = JSONCursor(try JSONText(contentsOf: path))
    guard cursor.kind == .object else {
      if cursor.kind == nil { throw cursor.error(expected: "a JSON object") }
      return nil
    }
    var lists = Set<String>()
    var isPanoptic = false
    let damage = Result {
      try cursor.object { key, value in
        guard value.kind == .array else { return }
        lists.insert(key.string)
        guard key == "annotations" else { return }
        try value.array { index, item in
          guard index == 0, item.kind == .object else { return }
          try item.object { key, _ in isPanoptic = isPanoptic || key == "segments_info" }
        }
      }
    }
    if isPanoptic { return .panoptic }
    if lists.isSuperset(of: ["images", "annotations", "categories"]) { return .instances }
    // Damage after the keys is reported by the reader.
    try damage.get()
    return nil
  }

  /// The JSON files of a kind in a folder.
  ///
  /// Errors: throws the error of a file of unclear kind whose name is that of a split.
  static func files(of kind: Kind, in tree: DataTree) throws -> [String] {
    try tree.files(in: "", kinds: ["json"]).filter { path in
      do {
        return try self.kind(ofFile: tree.path(path)) == kind
      } catch {
        guard Split(named: FileName.stem(of: path)) == nil else { throw error }
        return false
      }
    }
  }

  /// Adds warnings for images and categories that annotations refer to and the file does not have.
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

  /// The class name of an annotation; for a category that the file does not list, one whose pixels
  /// are ignored.
  func className(of annotation: Annotation) -> String {
    annotation.category < 0 ? ClassName.unread : categories[annotation.category].name
  }

  /// Errors: throws `ContentError` where the file gives an image another size than it has.
  func checkSize(ofImage index: Int, _ image: AthanorVision.Image, _ imagePath: String) throws {
    try StatedSize(width: images[index].width, height: images[index].height)
      .check(image, path ?? "the annotations", of: imagePath)
  }
}
