import AthanorCore
import AthanorVision

/// Official lists of the splits: text files with a name per line.
struct SplitLists {
  /// The lists of each split, from the root.
  private(set) var files: [Split: [String]] = [:]
  /// Lists without a split in their name (`default.txt`): only what they contain is part of the
  /// data set.
  private(set) var others: [String] = []
  private let tree: DataTree

  var isEmpty: Bool { files.isEmpty && others.isEmpty }

  /// The usual folders of lists.
  private static let folders = ["", "split", "splits", "list", "lists", "ImageSets"]

  /// Looks for `train.txt`, `val.txt`, `validation_list.txt`, … at the top, in the usual folders of
  /// lists and in `others`, directly.
  ///
  /// `trainval.txt` counts where neither part of it has a list of its own; VOC's `cat_train.txt`
  /// where there is no list of all classes.
  init(in tree: DataTree, _ others: [String] = []) {
    self.tree = tree
    var seen = Set<String>()
    let folders = (Self.folders + others).compactMap { tree.folder([$0]) }
      .filter { seen.insert($0).inserted }
    let paths = folders.flatMap { tree.files(in: $0, kinds: ["txt", "lst"], deep: false) }
    for path in paths {
      let stem = FileName.stem(of: path)
      if stem.lowercased() == "default" {
        self.others.append(path)
      } else if let split = Split(ofList: stem) {
        files[split, default: []].append(path)
      }
    }
    if files.isEmpty {
      for path in paths where FileName.last(of: FileName.parent(of: path)) == "Main" {
        let words = FileName.stem(of: path).split(separator: "_")
        if words.count > 1, let split = Split(ofList: String(words.last!)) {
          files[split, default: []].append(path)
        }
      }
    }
    let whole = { (path: String) in FileName.stem(of: path).lowercased().hasPrefix("trainval") }
    let parts = files[.train, default: []].filter { !whole($0) }
    if !parts.isEmpty || files[.val] != nil { files[.train] = parts.isEmpty ? nil : parts }
    if !files.isEmpty { self.others = [] }
  }

  /// The items with the splits of the lists. An item in the lists of several splits belongs to the
  /// last of them, and is counted; where there are lists, an item in none of them has no split.
  ///
  /// A line is a whole name, with or without its extension or folders above it, or the first column
  /// of several, or all but the last.
  ///
  /// - Parameter splits: The splits whose lists are used.
  ///
  /// Errors: throws `ContentError` for a listed name that is no item.
  func divide(
    _ items: [Survey.Item], into splits: [Split] = Split.allCases, _ warnings: WarningLog
  ) throws -> [Survey.Item] {
    guard !isEmpty else { return items }
    let index = NameIndex(items.map(\.name))
    var items = items
    if files.isEmpty {
      let listed = try Set(others.flatMap { try members($0, items, index) })
      for item in items.indices where !listed.contains(item) {
        warnings.note("image in no list left out", in: items[item].name)
      }
      return items.indices.filter(listed.contains).map { items[$0] }
    }
    for item in items.indices { items[item].split = nil }
    for split in splits {
      for file in files[split] ?? [] {
        for item in try members(file, items, index) {
          if let earlier = items[item].split, earlier != split {
            warnings.note(
              "image in the lists of \(earlier) and \(split), kept in \(split)",
              in: items[item].name)
          }
          items[item].split = split
        }
      }
    }
    return items
  }

  private func members(
    _ file: String, _ items: [Survey.Item], _ index: NameIndex
  ) throws -> [Int] {
    let path = tree.path(file)
    return try TextFile.lines(of: path) { index.index(of: $0) != nil }.map { line in
      if let item = index.index(of: line) { return item }
      let first = line.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? line
      if let item = index.index(of: first) { return item }
      // VOC's lists of a class have a number after the name.
      if let end = line.lastIndex(where: \.isWhitespace),
        let item = index.index(of: ClassName.trimmed(String(line[..<end])))
      {
        return item
      }
      throw ContentError(
        path: path, expected: "names of images in \(tree.root)",
        received: "'\(line)', which has no image there",
        suggestion: nearestName(to: line, among: items.prefix(20_000).map(\.name)))
    }
  }
}

/// Finds items by their names in lists.
public struct NameIndex {
  private var indices: [String: Int]
  /// The last parts of the folders of items.
  private let folders: Set<String>
  private let names: [String]
  /// By the last part of the name, where only one item has it.
  private var lastParts: [String: Int?] = [:]

  public init(_ names: [String]) {
    self.names = names
    folders = Set(names.map { FileName.last(of: FileName.parent(of: $0)) })
    indices = Dictionary(
      names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    for (item, name) in names.enumerated() {
      let last = FileName.last(of: name)
      lastParts[last] = lastParts[last] == nil ? .some(item) : .some(nil)
    }
  }

  /// The index of the item that `entry` names: as written, without its extension, or by the tail of
  /// its path; by its last part alone where its folder is not that of other items.
  public func index(of entry: String) -> Int? {
    let entry = entry.replacing("\\", with: "/")
    var tail = entry[...]
    while true {
      let text = String(tail)
      if let item = indices[text] ?? indices[Self.withoutKind(text)] { return item }
      guard let slash = tail.firstIndex(of: "/") else { break }
      tail = tail[tail.index(after: slash)...]
    }
    let last = String(tail)
    guard let item = (lastParts[last] ?? lastParts[Self.withoutKind(last)]).flatMap({ $0 }) else {
      return nil
    }
    let (folder, own) = (FileName.parent(of: entry), FileName.parent(of: names[item]))
    return FileName.areNested(folder, own) || !folders.contains(FileName.last(of: folder))
      ? item : nil
  }

  /// A name without the extension of an image or a label; `frame_1.7` has none.
  private static func withoutKind(_ name: String) -> String {
    let kind = FileName.kind(of: name)
    return ImageKind.allExtensions.contains(kind) || ImageKind.knownButNotRead.contains(kind)
      || ["xml", "json", "txt", "npy"].contains(kind) ? FileName.withoutKind(name) : name
  }
}
