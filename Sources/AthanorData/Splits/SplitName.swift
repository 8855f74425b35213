extension Split {
  /// The split in a folder's or a list's name: `train`, `training`, `trainval`, `val`,
  /// `valid`, `validation`, `dev`, `test`, `testing`, in any case, alone or followed by a number
  /// (`train2017`) or among other words (`images_train`, `val-set`); nil where there is none, or
  /// more than one.
  public init?(named name: String) {
    let words = name.lowercased().split { !$0.isLetter }.map(String.init)
    let found = Set(words.compactMap { Self.names[$0] })
    guard found.count == 1, let split = found.first else { return nil }
    self = split
  }

  /// Whether the name is only that of a split, apart from a number.
  static func isName(_ name: String) -> Bool {
    let words = name.lowercased().split { !$0.isLetter }
    return words.count == 1 && Self.names[String(words[0])] != nil
  }

  /// The split of a list of files, by its name without extension: `train`, `val_list`,
  /// `test-images`, `list_train`; nil for the names of other lists.
  init?(ofList name: String) {
    let words = name.lowercased().split { !$0.isLetter }.filter {
      !Self.listWords.contains(String($0))
    }
    guard words.count == 1, let split = Self.names[String(words[0])] else { return nil }
    self = split
  }

  private static let listWords: Set<String> = [
    "list", "lists", "image", "images", "img", "imgs", "file", "files", "filenames", "name",
    "names", "id", "ids", "set", "split", "path", "paths",
  ]

  /// Every spelling of a split in the names of folders and lists.
  static let spellings = names.keys.sorted { a, b in
    (a.count, a) < (b.count, b)
  }

  private static let names: [String: Split] = [
    "train": .train, "training": .train, "trainval": .train, "trainset": .train,
    "val": .val, "valid": .val, "validation": .val, "dev": .val, "valset": .val,
    "test": .test, "testing": .test, "testset": .test,
  ]
}

extension Split {
  /// The split in the name of a folder of a path, and the path without that folder.
  static func parted(_ path: String) -> (split: Split?, name: String) {
    var parts = path.split(separator: "/").map(String.init)
    guard let index = parts.dropLast().firstIndex(where: isName) else { return (nil, path) }
    let split = Split(named: parts.remove(at: index))
    return (split, parts.joined(separator: "/"))
  }
}
