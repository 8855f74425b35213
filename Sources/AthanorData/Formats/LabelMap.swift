import AthanorCore
import AthanorVision

/// The classes of colour-coded masks: the lines of a table such as `labelmap.txt`, by index.
///
/// Read are CVAT's `name:r,g,b:parts:actions`, and tables of `r g b name` or `name r g b` with
/// spaces, tabs, commas or semicolons between, with or without a heading, as CamVid's
/// `label_colors.txt` and `class_dict.csv` have them. Two colours may stand for one class.
struct LabelMap: Equatable, Sendable {
  /// By line; one of several lines of one class stands for it.
  var names: [String]
  /// RGB triples by line.
  var colors: [UInt8]
  var file = "labelmap.txt"

  /// The names of files that hold such a table.
  static let fileNames = [
    "labelmap.txt", "label_colors.txt", "class_dict.csv", "class_dict_seg.csv", "colors.txt",
    "labels.csv", "classes.csv", "color_map.txt", "colormap.txt", "label_colours.txt",
    "dataset_meta.json",
  ]

  init(names: [String], colors: [UInt8]) {
    self.names = names
    self.colors = colors
  }

  /// Errors: throws `FileError`, `DatasetError` for a line of another form or a class of no name.
  init(contentsOf path: String) throws {
    (names, colors, file) = ([], [], path)
    if FileName.kind(of: path) == "json" {
      (names, colors) = try Self.json(path) ?? ([], [])
    } else {
      (names, colors) = try Self.text(path)
    }
    guard !names.isEmpty, names.count < 255 else {
      throw DatasetError(path: path, expected: "1…254 classes", received: "\(names.count)")
    }
    try check()
  }

  private static func text(_ path: String) throws -> (names: [String], colors: [UInt8]) {
    var (names, colors) = ([String](), [UInt8]())
    for (number, line) in try TextFile.lines(of: path).enumerated() {
      guard let (name, color) = entry(of: line) else {
        if number == 0, line.allSatisfy({ !$0.isNumber }) { continue }
        throw DatasetError(
          path: path, expected: "lines of the form name:r,g,b or 'r g b name' with 0…255",
          received: "'\(line)'")
      }
      names.append(name)
      colors += color
    }
    return (names, colors)
  }

  /// Datumaro's `dataset_meta.json`: `label_map` from numbers to names, `segmentation_colors`.
  private static func json(_ path: String) throws -> (names: [String], colors: [UInt8])? {
    let json = try JSON(contentsOf: path)
    guard let members = json["label_map"]?.object,
      let colors = json["segmentation_colors"]?.array?.map({ color in
        color.array?.compactMap { $0.integer.flatMap(UInt8.init(exactly:)) } ?? []
      }), colors.count == members.count, colors.allSatisfy({ $0.count == 3 })
    else { return nil }
    var byNumber: [Int: String] = [:]
    for member in members {
      if let number = Int(member.key), let name = member.value.string { byNumber[number] = name }
    }
    let names = colors.indices.compactMap { byNumber[$0] }
    return names.count == colors.count ? (names, colors.flatMap(\.self)) : nil
  }

  /// Errors: throws `DatasetError` for a colour of two classes or a name that is none.
  private func check() throws {
    let distinct = Set(stride(from: 0, to: colors.count, by: 3).map { Array(colors[$0..<$0 + 3]) })
    if distinct.count < names.count {
      var seen: [[UInt8]: String] = [:]
      for (index, name) in names.enumerated() {
        let color = Array(colors[(3 * index)..<(3 * index + 3)])
        if let other = seen.updateValue(name, forKey: color) {
          throw DatasetError(
            path: file, expected: "a colour of its own for each class",
            received: other == name
              ? "'\(name)' twice" : "\(color) for both '\(other)' and '\(name)'")
        }
      }
    }
    _ = try uniqueNames.checkedClassNames(in: file, key: "the table")
  }

  /// The first table among a folder's files, at its top or below `folders`.
  init?(in tree: DataTree, _ folders: [String] = [""]) throws {
    let candidates = folders.flatMap { folder in
      Self.fileNames.map { folder.isEmpty ? $0 : "\(folder)/\($0)" }
    }
    for candidate in candidates {
      guard let file = tree.file([candidate]) else { continue }
      // Other tools give some of these names to lists without colours.
      let path = tree.path(file)
      guard
        try candidate.hasSuffix("labelmap.txt")
          || (FileName.kind(of: file) == "json" && Self.json(path) != nil)
          || TextFile.lines(of: path).contains(where: { Self.entry(of: $0) != nil })
      else { continue }
      try self.init(contentsOf: path)
      return
    }
    return nil
  }

  /// The classes in order, each once.
  var uniqueNames: [String] {
    var seen = Set<String>()
    return names.filter { seen.insert(ClassName.trimmed($0)).inserted }
  }

  var byColor: [MaskCoding.RGB: String] {
    Dictionary(
      names.enumerated().map { index, name in
        (MaskCoding.RGB(colors[3 * index], colors[3 * index + 1], colors[3 * index + 2]), name)
      }, uniquingKeysWith: { first, _ in first })
  }

  /// The colour of each class by its key, the first of several.
  var colorsByClass: [String: [UInt8]] {
    Dictionary(
      names.enumerated().map { index, name in
        (ClassName.key(name), Array(colors[(3 * index)..<(3 * index + 3)]))
      }, uniquingKeysWith: { first, _ in first })
  }

  /// The class and colour of a line; nil for one of another form.
  private static func entry(of line: String) -> (String, [UInt8])? {
    func color(_ parts: some Collection<Substring>) -> [UInt8]? {
      let values = parts.compactMap { UInt8($0.filter { !$0.isWhitespace }) }
      return values.count == 3 && parts.count == 3 ? values : nil
    }
    // CVAT's own form. What follows a second colon (parts and actions) is left unread.
    let byColon = line.split(separator: ":", omittingEmptySubsequences: false)
    if byColon.count > 1, let found = color(byColon[1].split(separator: ",")) {
      let name = ClassName.trimmed(String(byColon[0]))
      return name.isEmpty ? nil : (name, found)
    }
    for isSeparator: (Character) -> Bool in [
      { $0 == "," || $0 == ";" }, { $0.isWhitespace },
      { $0.isWhitespace || ",;:()[]".contains($0) },
    ] {
      let parts = line.split(whereSeparator: isSeparator)
      guard parts.count >= 4 else { continue }
      if let found = color(parts.prefix(3)) {
        return (ClassName.trimmed(parts.dropFirst(3).joined(separator: " ")), found)
      }
      if let found = color(parts.suffix(3)) {
        return (ClassName.trimmed(parts.dropLast(3).joined(separator: " ")), found)
      }
    }
    return nil
  }

  var text: String {
    var text = "# name:r,g,b\n"
    for (index, name) in names.enumerated() {
      let color = colors[(3 * index)..<(3 * index + 3)].map(String.init).joined(separator: ",")
      text += "\(name):\(color)\n"
    }
    return text
  }
}
