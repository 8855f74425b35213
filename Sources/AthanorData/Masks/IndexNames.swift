import AthanorCore

extension MaskNaming.IndexNames {
  /// Lists whose purpose is to name mask values.
  private static let files = [
    "class_names.txt", "label_names.txt", "dataset_meta.json", "id2label.json", "_classes.csv",
  ]
  /// Lists that many tools write; they name mask values only where they number them or contain the
  /// background or void.
  private static let general = ["classes.txt", "labels.txt", "classes.json", "labels.json"]

  /// The first list in a folder that names mask values.
  ///
  /// A text file holds a name per line, from value 0 on (a first line `__ignore__`, as in labelme,
  /// is value −1), or a number and a name per line. CSV is Roboflow's, a number and a name per line
  /// below a heading. JSON is Datumaro's `label_map`, a map from numbers to names, or a list
  /// of names.
  ///
  /// Errors: throws `FileError`, `ContentError` for a file of these names in another form, and
  /// where the lists of two folders name a value differently.
  static func find(in tree: DataTree, _ folders: [String] = [""]) throws -> Self? {
    var found: Self?
    for folder in folders {
      guard let list = try first(in: tree, folder) else { continue }
      guard let earlier = found else {
        found = list
        continue
      }
      for (value, name) in list.names.sorted(by: { $0.key < $1.key }) {
        if let other = earlier.names[value], ClassName.key(other) != ClassName.key(name) {
          throw ContentError(
            path: list.file, expected: "'\(other)' for value \(value), as \(earlier.file) has it",
            received: "'\(name)'")
        }
      }
      found?.names.merge(list.names) { first, _ in first }
    }
    return found
  }

  private static func first(in tree: DataTree, _ folder: String) throws -> Self? {
    for (index, name) in (files + general).enumerated() {
      let candidate = folder.isEmpty ? name : "\(folder)/\(name)"
      guard let file = tree.file([candidate]) else { continue }
      let path = tree.path(file)
      let kind = FileName.kind(of: file)
      guard let names = try kind == "json" ? json(path) : text(path) else { continue }
      let isNumbered = kind == "json" || names.isNumbered
      let hasBackground = names.names.values.contains {
        ClassName.isBackground($0) || ClassName.isVoid($0)
      }
      guard isNumbered || (kind != "csv" && (index < files.count || hasBackground)) else {
        continue
      }
      _ = try names.names.sorted { $0.key < $1.key }.map(\.value)
        .checkedClassNames(in: path, key: "the list")
      return Self(names: names.names, file: path)
    }
    return nil
  }

  private static func text(_ path: String) throws -> (names: [Int: String], isNumbered: Bool)? {
    var lines = try TextFile.lines(of: path)
    if FileName.kind(of: path) == "csv", lines.first?.first?.isNumber == false {
      lines.removeFirst()
    }
    guard !lines.isEmpty else { return nil }
    let numbered = lines.compactMap { line -> (Int, String)? in
      guard let end = line.firstIndex(where: { $0.isWhitespace || ",:;=".contains($0) }),
        let number = Int(line[..<end])
      else { return nil }
      let name = line[end...].drop { $0.isWhitespace || ":,;=".contains($0) }
      return name.isEmpty ? nil : (number, String(name))
    }
    if numbered.count == lines.count, Set(numbered.map(\.0)).count == lines.count {
      return (Dictionary(uniqueKeysWithValues: numbered), true)
    }
    let first = lines[0] == "__ignore__" ? -1 : 0
    var names: [Int: String] = [:]
    for (index, line) in lines.enumerated() where index + first >= 0 {
      names[index + first] = line
    }
    return (names, false)
  }

  private static func json(_ path: String) throws -> (names: [Int: String], isNumbered: Bool)? {
    let json = try JSON(contentsOf: path)
    if let list = json.array {
      let names = list.compactMap(\.string)
      guard names.count == list.count, !names.isEmpty else { return nil }
      return (Dictionary(uniqueKeysWithValues: names.enumerated().map { ($0, $1) }), true)
    }
    guard let members = (json["label_map"] ?? json["id2label"] ?? json).object else { return nil }
    var names: [Int: String] = [:]
    for member in members {
      guard let number = Int(member.key), let name = member.value.string else { return nil }
      names[number] = name
    }
    return names.isEmpty ? nil : (names, true)
  }
}
