import AthanorCore
import AthanorVision

/// The annotation files of a data set in COCO's format, one for all splits or one per split, as one
/// set.
struct COCOSet: Sendable {
  /// A file of annotations and the split that it is of.
  struct Part: Sendable {
    /// From the root.
    var path: String
    var split: Split?
    var content: COCOFile

    /// For messages.
    var file: String { content.path ?? path }
  }

  /// In the order of the splits.
  let parts: [Part]

  /// Reads the files, on all CPUs, and counts references of annotations to nothing.
  ///
  /// Errors: throws `FileError`, `JSONError`.
  init(
    _ files: [(path: String, split: Split?)], _ tree: DataTree, _ warnings: WarningLog
  ) throws {
    let order = Split.allCases + [nil]
    let sorted = files.sorted {
      order.firstIndex(of: $0.split)! < order.firstIndex(of: $1.split)!
    }
    parts = try concurrently(sorted) { file in
      Part(
        path: file.path, split: file.split, content: try COCOFile(contentsOf: tree.path(file.path)))
    }
    for part in parts { part.content.note(warnings) }
  }

  /// The existing images, and for each its part and its index in that.
  ///
  /// Errors: throws `ContentError` for an image without a file name or outside the folder, and
  /// where no image of a file exists.
  func items(
    prefix: String, images pattern: String, _ tree: DataTree, _ warnings: WarningLog
  ) throws -> (items: [Survey.Item], origins: [(part: Int, image: Int)]) {
    var (items, origins) = ([Survey.Item](), [(part: Int, image: Int)]())
    var indices: [String: Int] = [:]
    let index = ImageIndex(tree)
    for (number, part) in parts.enumerated() {
      let images = COCOImages(
        part.content, part.path, prefix: prefix, split: part.split, pattern: pattern, tree, index)
      var missing: [String] = []
      for (image, entry) in part.content.images.enumerated() {
        guard let written = entry.fileName else {
          throw ContentError(
            path: part.file, expected: "file_name in images[\(image)]", received: "none")
        }
        guard let path = try images.path(of: written) else {
          missing.append(written)
          continue
        }
        if let index = indices[path] {
          let origin = origins[index]
          let other = parts[origin.part].content.images[origin.image].fileName ?? ""
          guard origin.part != number, other == written else {
            throw ContentError(
              path: part.file, expected: "an image of its own for '\(written)', images[\(image)]",
              received: "\(path), the file of '\(other)' in \(parts[origin.part].file)")
          }
        }
        indices[path] = items.count
        items.append(
          Survey.Item(
            name: images.name(of: path), image: tree.path(path), split: part.split, id: entry.id))
        origins.append((number, image))
      }
      guard missing.count < part.content.images.count else {
        throw ContentError(
          path: part.file, expected: "its images in \(images.places)",
          received: missing.isEmpty ? "an empty list of images" : "no '\(missing[0])' there")
      }
      for name in missing {
        warnings.note("image of the annotations that is not there left out", in: name)
      }
    }
    tree.noteUnlisted(Set(indices.keys), warnings)
    return (items, origins)
  }

  /// The categories of all files, one per name, in order of the ids of the first file that has
  /// each; their ids by the names' keys go to `ids`.
  func classNames(
    _ ids: inout [String: COCOIdentifier], _ warnings: WarningLog
  ) -> [COCOFile.Category] {
    var found: [COCOFile.Category] = []
    for part in parts {
      var own = Set<String>()
      for category in part.content.categories.sorted(by: { $0.id < $1.id }) {
        let key = ClassName.key(category.name)
        guard own.insert(key).inserted else {
          warnings.note(
            "category of the name of another, taken for one class: \(category.name)",
            in: part.file)
          continue
        }
        if ids[key] == nil {
          found.append(category)
          ids[key] = category.id
        } else if ids[key] != category.id {
          warnings.note(
            "category of different ids in the files, matched by name: \(category.name)",
            in: part.file)
        }
      }
    }
    return found
  }
}
