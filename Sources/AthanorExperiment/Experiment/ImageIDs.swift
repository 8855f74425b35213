import AthanorCore
import AthanorData

/// The ids of images and categories in COCO files, for images named on a command line.
struct ImageIDs {
  /// The ids by image index.
  let images: [COCOIdentifier]
  /// The ids by box label; nil for a class that the truth does not have.
  let categories: [COCOIdentifier?]

  /// The ids of the data set for images that are files of it; otherwise the image's name, or the
  /// number where the name is a number.
  ///
  /// Data that can no longer be opened give no ids; `warn` receives a message.
  init(
    _ files: ListedImages, _ data: Selection?, _ classes: LabelClasses, warn: (String) -> Void
  ) {
    var known: [String: COCOIdentifier] = [:]
    if let data {
      do {
        known = try Self.ids(of: datasets.make(data, at: "data"), files)
      } catch {
        warn("the run's data cannot be read, so images are called by their names: \(error)")
      }
    }
    let ids = zip(files.paths, files.names).map { path, name in
      known[ListedImages.resolved(path)] ?? Int(name).map { .number($0) } ?? .text(name)
    }
    // For example, `1.png` and `01.png` both give 1.
    let isUnique = Set(ids).count == ids.count
    images = isUnique ? ids : files.names.map { .text($0) }
    categories = classes.categoryIDs
  }

  /// The ids that a COCO annotation file has for images and categories of these names.
  ///
  /// Errors: throws `ContentError` for an image that the file does not list, and where it lists
  /// none.
  init(_ files: ListedImages, truth path: String, _ classes: LabelClasses) throws {
    let file = try COCOFile(contentsOf: path)
    let entries = file.images.compactMap { image in image.fileName.map { (name: $0, id: image.id) }
    }
    let byName = NameIndex(entries.map(\.name))
    let byStem = NameIndex(entries.map { FileName.withoutKind($0.name) })
    images = try files.paths.map { image in
      guard let place = byName.index(of: image) ?? byStem.index(of: image) else {
        throw ContentError(
          path: path, expected: "an image of the name of every image given",
          received: "none for \(image)")
      }
      return entries[place].id
    }
    var given: [COCOIdentifier: String] = [:]
    for (id, file) in zip(images, files.paths) {
      if let other = given.updateValue(file, forKey: id) {
        throw ContentError(
          path: path, expected: "an image for every image given",
          received: "one, \(id), for \(other) and \(file)")
      }
    }
    let ids = Dictionary(
      file.categories.map { (ClassName.key($0.name), $0.id) },
      uniquingKeysWith: { first, _ in first })
    categories = classes.names.map { ids[ClassName.key($0)] }
  }

  /// The ids of those files that belong to the data set, where it has ids and not only names.
  private static func ids(
    of source: any DataSource, _ files: ListedImages
  ) throws -> [String: COCOIdentifier] {
    // Resolving paths is slow, so it is done only for files whose name matches.
    let wanted = Set(files.paths.map { FileName.last(of: ListedImages.resolved($0)) })
    var ids: [String: COCOIdentifier] = [:]
    for split in try source.splits() {
      let dataset = try source.open(split)
      for index in 0..<dataset.count {
        guard let file = dataset.file(at: index), wanted.contains(FileName.last(of: file)) else {
          continue
        }
        let id = dataset.id(at: index)
        if id != .text(dataset.name(at: index)) { ids[ListedImages.resolved(file)] = id }
      }
    }
    return ids
  }
}
