import AthanorCore
import AthanorVision

/// Official lists of the splits: text files with a name a line.
struct SplitLists {
  /// The lists of each split, from the root.
  private(set) var files: [Split: [String]] = [:]
  /// Lists that name no split (`default.txt`): only what they hold is part of the data set.
  private(set) var others: [String] = []
  private let tree: DataTree

  var isEmpty: Bool { files.isEmpty && others.isEmpty }

  /// Where lists lie, as a rule.
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

  /// The items with the splits of the lists. One that several splits list is kept in the last of
  /// them, and counted; where there are lists, one that none holds has no split.
  ///
  /// A line is a whole name, with or without its extension or folders above it, or the first column
  /// of several, or all but the last.
  ///
  /// - Parameter splits: those whose lists count.
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
      for place in items.indices where !listed.contains(place) {
        warnings.note("image in no list left out", in: items[place].name)
      }
      return items.indices.filter(listed.contains).map { items[$0] }
    }
    for place in items.indices { items[place].split = nil }
    for split in splits {
      for file in files[split] ?? [] {
        for place in try members(file, items, index) {
          if let earlier = items[place].split, earlier != split {
            warnings.note(
              "image in the lists of \(earlier) and \(split), kept in \(split)",
              in: items[place].name)
          }
          items[place].split = split
        }
      }
    }
    return items
  }

  private func members(
    _ file: String, _ items: [Survey.Item], _ index: NameIndex
  ) throws -> [Int] {
    let path = tree.path(file)
    return try TextFile.lines(of: path) { index.place(of: $0) != nil }.map { line in
      if let place = index.place(of: line) { return place }
      let first = line.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? line
      if let place = index.place(of: first) { return place }
      // VOC's lists of a class have a number behind the name.
      if let end = line.lastIndex(where: \.isWhitespace),
        let place = index.place(of: ClassName.trimmed(String(line[..<end])))
      {
        return place
      }
      throw ContentError(
        path: path, expected: "names of images in \(tree.root)",
        received: "'\(line)', which has no image there",
        suggestion: nearestName(to: line, among: items.prefix(20_000).map(\.name)))
    }
  }
}

/// Finds items by what lists call them.
public struct NameIndex {
  private var places: [String: Int]
  /// The last parts of the folders that items lie in.
  private let folders: Set<String>
  private let names: [String]
  /// By the last part of the name, where only one item has it.
  private var lastParts: [String: Int?] = [:]

  public init(_ names: [String]) {
    self.names = names
    folders = Set(names.map { FileName.last(of: FileName.parent(of: $0)) })
    places = Dictionary(
      names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    for (place, name) in names.enumerated() {
      let last = FileName.last(of: name)
      lastParts[last] = lastParts[last] == nil ? .some(place) : .some(nil)
    }
  }

  /// The item that `entry` names: as it is, without its extension, or by the tail of its path; by
  /// its last part alone where its folder is no other item's.
  public func place(of entry: String) -> Int? {
    let entry = entry.replacing("\\", with: "/")
    var tail = entry[...]
    while true {
      let text = String(tail)
      if let place = places[text] ?? places[Self.withoutKind(text)] { return place }
      guard let slash = tail.firstIndex(of: "/") else { break }
      tail = tail[tail.index(after: slash)...]
    }
    let last = String(tail)
    guard let place = (lastParts[last] ?? lastParts[Self.withoutKind(last)]).flatMap({ $0 }) else {
      return nil
    }
    let (folder, own) = (FileName.parent(of: entry), FileName.parent(of: names[place]))
    return FileName.areNested(folder, own) || !folders.contains(FileName.last(of: folder))
      ? place : nil
  }

  /// A name without the extension of an image or a label; `frame_1.7` has none.
  private static func withoutKind(_ name: String) -> String {
    let kind = FileName.kind(of: name)
    return ImageKind.allExtensions.contains(kind) || ImageKind.knownButNotRead.contains(kind)
      || ["xml", "json", "txt", "npy"].contains(kind) ? FileName.withoutKind(name) : name
  }
}
