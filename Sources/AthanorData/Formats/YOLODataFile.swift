import AthanorCore

/// What a YOLO data set says of itself: `data.yaml`, or Darknet's `obj.data` and `obj.names`.
struct YOLODataFile: Sendable, Equatable {
  var names: [String] = []
  /// What names the classes.
  var namesFile: String
  /// The folders or lists of each split, as they are written.
  var places: [Split: [String]] = [:]
  /// The folder that places are taken from, as it is written: the key `path`.
  var path = ""

  init(names: [String], namesFile: String) {
    self.names = names
    self.namesFile = namesFile
  }

  private static let yaml = ["data.yaml", "data.yml", "config.yaml", "dataset.yaml"]
  private static let lists = ["classes.txt", "obj.names", "_darknet.labels", "labels.txt"]

  /// The files of a data set's folder, or the one that the option `names` tells.
  ///
  /// Errors: throws `FileError`, `YAMLError`, `DatasetError` where no file names the classes.
  init(in tree: DataTree, named file: String, labelFolders: [String]) throws {
    if !file.isEmpty {
      guard let found = tree.file([file]) else {
        throw DatasetError(
          path: tree.path(file), expected: "class names", received: "no such file")
      }
      self = try Self(found, tree)
      return
    }
    let yaml =
      tree.file(Self.yaml)
      ?? tree.files(in: "", kinds: ["yaml", "yml"], deep: false).first { path in
        (try? YAMLDocument(contentsOf: tree.path(path), scalars: .text))?.settings["names"] != nil
      }
    var whole = try yaml.map { try Self($0, tree) }
    if whole?.names.isEmpty == false {
      self = whole!
      return
    }
    let folders = [""] + labelFolders
    guard
      let list = tree.file(
        folders.flatMap { f in Self.lists.map { f.isEmpty ? $0 : "\(f)/\($0)" } })
    else {
      throw DatasetError(
        path: yaml.map(tree.path) ?? tree.root,
        expected: yaml == nil
          ? "class names in data.yaml, classes.txt or obj.names" : "names under the key 'names'",
        received: "none")
    }
    let named = try Self(list, tree)
    whole?.names = named.names
    whole?.namesFile = named.namesFile
    self = whole ?? named
    if whole == nil, let data = tree.file(["obj.data"]) {
      for line in try TextFile.lines(of: tree.path(data)) {
        let parts = line.split(separator: "=", maxSplits: 1).map { ClassName.trimmed(String($0)) }
        if parts.count == 2, let split = Split(named: parts[0]) {
          places[split] = [FileName.last(of: parts[1])]
        }
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
          throw DatasetError(
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
          throw DatasetError(
            path: namesFile, expected: "entries 'number: name' under 'names'",
            received: "'\(entry.key)'")
        }
        numbered[number] = name
      }
      // Numbers that are left out become classes of that number's name.
      names = (0..<((numbered.keys.max() ?? -1) + 1)).map { numbered[$0] ?? "\($0)" }
    default:
      throw DatasetError(
        path: namesFile, expected: "a list or a map under 'names'", received: "something else")
    }
    if case .string(let count)? = settings["nc"], let count = Int(count), !names.isEmpty,
      count != names.count
    {
      throw DatasetError(
        path: namesFile, expected: "as many names as 'nc' says, \(count)",
        received: "\(names.count)")
    }
    if case .string(let text)? = settings["path"] { path = text }
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
  /// The value of a key of a map; nil for what is no map or has no such key.
  subscript(key: String) -> Settings? {
    guard case .map(let entries) = self else { return nil }
    return entries.first { $0.key == key }?.value
  }
}
