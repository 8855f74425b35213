import AthanorCore
import AthanorVision

extension COCOFile {
  /// What COCO's annotation files can hold.
  enum Kind: Sendable {
    case instances, panoptic
  }

  /// The kind of a JSON file, told by its keys; nil for one that is none of COCO's.
  ///
  /// Errors: throws `FileError`, `JSONError` where damage leaves the kind open.
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
    // Damage behind the keys is for the reader to tell.
    try damage.get()
    return nil
  }

  /// The JSON files of a kind in a folder.
  ///
  /// Errors: throws that of a file that cannot be told and whose name says that it is of a split.
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

  /// Errors: throws `ContentError` where the file gives an image another size than it has.
  func checkSize(ofImage index: Int, _ image: AthanorVision.Image, _ imagePath: String) throws {
    try StatedSize(width: images[index].width, height: images[index].height)
      .check(image, path ?? "the annotations", of: imagePath)
  }
}
