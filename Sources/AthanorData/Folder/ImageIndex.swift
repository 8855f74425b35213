import AthanorVision

/// Finds the image of a label file, beside it or elsewhere.
struct ImageIndex {
  /// Every image, from the root.
  let all: [String]
  private let tree: DataTree
  private var byStem: [String: String?] = [:]
  /// The folders with images and label files side by side.
  private let labelled: Set<String>
  private let folderNames: Set<String>
  /// By name, the images of each split.
  private var byName: [Split: [String: String?]] = [:]

  /// The usual ones first.
  private static let kinds = ["jpg", "png", "jpeg"] + ImageKind.allExtensions.sorted()

  init(_ tree: DataTree) {
    self.tree = tree
    folderNames = Set(tree.folders.map { FileName.last(of: $0) })
    labelled = Set(
      tree.files(in: "", kinds: ["json", "xml"]).lazy.filter { path in
        let stem = FileName.withoutKind(path)
        return ["jpg", "jpeg", "png"].contains { tree.spelling(of: "\(stem).\($0)") != nil }
      }.map { FileName.parent(of: $0) })
    all = tree.files(in: "", kinds: ImageKind.allExtensions)
    for path in all {
      let stem = FileName.stem(of: path)
      byStem[stem] = byStem[stem] == nil ? .some(path) : .some(nil)
      guard let split = Split.parted(path).split else { continue }
      let name = FileName.last(of: path)
      byName[split, default: [:]][name] = byName[split]?[name] == nil ? .some(path) : .some(nil)
    }
  }

  /// The image of a path in a label file: the one whose path is the longest tail of it, or the only
  /// one of that name, within the split if one is given.
  func find(tail written: String, of split: Split?) -> String? {
    var tail = written.replacing("\\", with: "/")[...]
    while let slash = tail.firstIndex(of: "/") {
      tail = tail[tail.index(after: slash)...]
      if let found = tree.file(at: String(tail)) { return found }
    }
    let name = String(tail)
    let alone = byStem[FileName.stem(of: name)].flatMap { $0 }
    guard
      let found = alone.flatMap({ FileName.last(of: $0) == name ? $0 : nil })
        ?? split.flatMap({ byName[$0]?[name] }).flatMap({ $0 })
    else { return nil }
    // A folder of the data set means another image; one of another machine means nothing.
    let folder = FileName.parent(of: written.replacing("\\", with: "/"))
    return FileName.areNested(folder, FileName.parent(of: found))
      || !folderNames.contains(FileName.last(of: folder)) ? found : nil
  }

  /// The image of a label file: at the given path, of that name or the label's own stem beside the
  /// file, or the only one anywhere with either stem.
  func find(_ written: String?, of label: String) -> String? {
    // Annotators' machines leave absolute and Windows paths behind: only the last part is
    // used then.
    let named = (written ?? "").replacing("\\", with: "/")
    let folder = FileName.parent(of: label)
    if !named.isEmpty {
      if let inside = try? tree.resolve(named, in: folder, writtenIn: label),
        let found = tree.file(at: inside)
      {
        return found
      }
      let last = FileName.last(of: named)
      if let beside = tree.file([folder.isEmpty ? last : "\(folder)/\(last)"]) { return beside }
    }
    let stem = FileName.withoutKind(label)
    if let beside = tree.file(Self.kinds.map { "\(stem).\($0)" }) { return beside }
    let found = (byStem[FileName.stem(of: named)] ?? byStem[FileName.stem(of: label)])
    // A folder of images with their own labels beside them gets none from elsewhere.
    return found.flatMap { $0 }.flatMap { image in
      labelled.contains(FileName.parent(of: image)) ? nil : image
    }
  }
}
