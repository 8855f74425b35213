import AthanorCore

/// The description of a YOLO data set: `data.yaml`, or Darknet's `obj.data` and `obj.names`.
struct YOLODataFile: Sendable, Equatable {
  var names: [String] = []
  /// The file that names the classes.
  var namesFile: String
  /// The folders or lists of each split, as they are written.
  var places: [Split: [String]] = [:]
  /// The folder that these are relative to, as written: the key `path`.
  var path = ""
  /// How many numbers of key points follow each box: the product of `kpt_shape`.
  var keypoints: Int?

  init(names: [String], namesFile: String) {
    self.names = names
    self.namesFile = namesFile
  }

  private static let yaml = ["data.yaml", "data.yml", "config.yaml", "dataset.yaml"]
  private static let lists = ["classes.txt", "obj.names", "_darknet.labels", "labels.txt"]

  /// The files of a data set's folder, or the one in the option `names`.
  ///
  /// Errors: throws `FileError`, `YAMLError`, `ContentError` where no file names the classes.
  init(
    in tree: DataTree, named file: String, labelFolders: [String], _ warnings: WarningLog
  ) throws {
    if !file.isEmpty {
      guard let found = tree.file([file]) else {
        throw ContentError(
          path: tree.path(file), expected: "class names", received: "no such file")
      }
      self = try Self(found, tree)
      return
    }
    let naming = tree.files(in: "", kinds: ["yaml", "yml"], deep: false).filter { path in
      (try? YAMLDocument(contentsOf: tree.path(path), scalars: .text))?.settings["names"] != nil
    }
    let yaml = tree.file(Self.yaml) ?? naming.first
    var whole = try yaml.map { try Self($0, tree) }
    let lists = ([""] + labelFolders).flatMap { folder in
      Self.lists.compactMap { tree.file([folder.isEmpty ? $0 : "\(folder)/\($0)"]) }
    }
    if whole?.names.isEmpty == false {
      self = whole!
      try check(naming + lists, tree, warnings)
      return
    }
    guard let list = lists.first else {
      throw ContentError(
        path: yaml.map(tree.path) ?? tree.root,
        expected: yaml == nil
          ? "class names in data.yaml, classes.txt or obj.names" : "names under the key 'names'",
        received: "none")
    }
    let named = try Self(list, tree)
    whole?.names = named.names
    whole?.namesFile = named.namesFile
    self = whole ?? named
    try check(naming + lists, tree, warnings)
    if whole == nil, let data = tree.file(["obj.data"]) {
      for line in try TextFile.lines(of: tree.path(data)) {
        let parts = line.split(separator: "=", maxSplits: 1).map { ClassName.trimmed(String($0)) }
        if parts.count == 2, let split = Split(named: parts[0]) {
          places[split] = [FileName.last(of: parts[1])]
        }
      }
    }
  }

  /// Compares this file with others that name classes.
  ///
  /// Errors: throws `ContentError` where one names a class differently; more or fewer names
  /// are only counted.
  private func check(_ files: [String], _ tree: DataTree, _ warnings: WarningLog) throws {
    for file in files where tree.path(file) != namesFile {
      guard let other = try? Self(file, tree), !other.names.isEmpty,
        !other.names.contains(where: YOLOLayout.looksLikeLine)
      else { continue }
      for (number, (own, name)) in zip(names, other.names).enumerated()
      where ClassName.key(own) != ClassName.key(name) {
        throw ContentError(
          path: other.namesFile,
          expected: "'\(own)' for class \(number), as \(namesFile) has it",
          received: "'\(name)' (say which file counts: names=FILE)")
      }
      if names.count != other.names.count {
        warnings.note("list of classes of another length than \(namesFile)", in: file)
      }
    }
  }

  private init(_ file: String, _ tree: DataTree) throws {
    namesFile = tree.path(file)
    guard ["yaml", "yml"].contains(FileName.kind(of: file)) else {
      names = try TextFile.lines(of: namesFile)
      return
    }
    let settings = try YAMLDocument(contentsOf: namesFile, scalars: .text).settings
    switch settings["names"] {
    case nil, .null, .string(""): break
    case .list(let items):
      names = try items.map { item in
        guard case .string(let name) = item else {
          throw ContentError(
            path: namesFile, expected: "a name for each class under 'names'",
            received: "a list or a map")
        }
        return name
      }
    case .map(let entries):
      var numbered: [Int: String] = [:]
      for entry in entries {
        guard let number = Int(entry.key), (0..<100_000).contains(number),
          case .string(let name) = entry.value
        else {
          throw ContentError(
            path: namesFile, expected: "entries 'number: name' under 'names'",
            received: "'\(entry.key)'")
        }
        numbered[number] = name
      }
      // Missing numbers become classes named by the number.
      names = (0..<((numbered.keys.max() ?? -1) + 1)).map { numbered[$0] ?? "\($0)" }
    default:
      throw ContentError(
        path: namesFile, expected: "a list or a map under 'names'", received: "something else")
    }
    if case .string(let count)? = settings["nc"], let count = WholeNumber.read(count),
      !names.isEmpty,
      count != names.count
    {
      throw ContentError(
        path: namesFile, expected: "as many names as 'nc' says, \(count)",
        received: "\(names.count)")
    }
    if case .string(let text)? = settings["path"] { path = text }
    if let shape = settings["kpt_shape"] {
      let sides: [Int] =
        if case .list(let items) = shape {
          items.compactMap {
            if case .string(let side) = $0 { WholeNumber.read(side) } else { nil }
          }
        } else { [] }
      guard sides.count == 2, sides.allSatisfy({ (1...1000).contains($0) }) else {
        throw ContentError(
          path: namesFile, expected: "kpt_shape as [points, numbers a point]",
          received: "something else")
      }
      keypoints = sides[0] * sides[1]
    }
    for key in Split.spellings {
      guard let split = Split(named: key) else { continue }
      switch settings[key] {
      case .string(let place)? where !place.isEmpty: places[split, default: []].append(place)
      case .list(let items)?:
        for case .string(let place) in items { places[split, default: []].append(place) }
      default: break
      }
    }
  }
}

extension Settings {
  /// The value of a key of a map; nil where it is not a map or has no such key.
  subscript(key: String) -> Settings? {
    guard case .map(let entries) = self else { return nil }
    return entries.first { $0.key == key }?.value
  }
}
