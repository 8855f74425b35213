import AthanorCore
import AthanorVision

/// Finds the images of a COCO file in a data set's folder.
struct COCOImages {
  /// The folders of images, the one with most of them first.
  private let folders: [String]
  private let file: String
  private let split: Split?
  private let tree: DataTree
  private let index: ImageIndex

  /// - Parameters:
  ///   - file: the annotation file, from the root; its name after `prefix` names folders.
  ///   - pattern: the option `images`, where `{split}` is a split's name; empty: detected.
  init(
    _ content: COCOFile, _ file: String, prefix: String, split: Split?, pattern: String,
    _ tree: DataTree, _ index: ImageIndex
  ) {
    (self.file, self.split, self.tree, self.index) = (file, split, tree, index)
    guard pattern.isEmpty else {
      let spellings = split.map { split in
        Split.spellings.filter { Split(named: $0) == split }
      }
      folders = (spellings ?? [""]).compactMap {
        tree.folder([pattern.replacing("{split}", with: $0)])
      }
      return
    }
    let stem = FileName.stem(of: file).replacing(prefix, with: "")
    let part = split.map { "\($0)" } ?? stem
    let own = FileName.parent(of: file)
    let candidates = [
      "images/\(stem)", stem, "images/\(part)", part, own, "\(own)/images", "images", "data",
      "JPEGImages", "img", "",
    ]
    var seen = Set<String>()
    let there = candidates.compactMap { tree.folder([$0]) }.filter { seen.insert($0).inserted }
    let sample = content.images.prefix(20).compactMap(\.fileName)
    let hits = there.map { folder in
      sample.count { tree.hasFile(folder.isEmpty ? $0 : "\(folder)/\($0)") }
    }
    folders = there.indices.sorted { (hits[$1], $0) < (hits[$0], $1) }.map { there[$0] }
  }

  /// The folders that were searched, in words.
  var places: String {
    folders.map { $0.isEmpty ? "the folder itself" : "\($0)/" }.joined(separator: ", ")
  }

  /// The image with a file name: in the folders, or anywhere if its path ends as that of exactly
  /// one image.
  ///
  /// Errors: throws `ContentError` for a path that leaves the data folder.
  func path(of written: String) throws -> String? {
    if !written.hasPrefix("/") {
      for folder in folders {
        let path = folder.isEmpty ? written : "\(folder)/\(written)"
        if let found = tree.file(at: path) { return found }
        if written.contains("./") {
          let resolved = try tree.resolve(written, in: folder, writtenIn: tree.path(file))
          if let found = tree.file(at: resolved) { return found }
        }
      }
    }
    return index.find(tail: written, of: split)
  }

  /// The name of a sample: its path below the folder of images, without extension.
  func name(of path: String) -> String {
    for folder in folders where !folder.isEmpty && path.hasPrefix(folder + "/") {
      return FileName.withoutKind(String(path.dropFirst(folder.count + 1)))
    }
    return FileName.withoutKind(path)
  }
}
