import AthanorCore
import AthanorVision

/// The classes of colour-coded masks: the lines of a table such as `labelmap.txt`, by index.
///
/// Several colours may be the same class.
struct LabelMap: Equatable, Sendable {
  /// By line; one of several lines of one class stands for it.
  var names: [String]
  /// RGB triples by line.
  var colors: [UInt8]
  /// The mask value of each line; nil where the table has no values.
  var values: [Int]?
  var file = "labelmap.txt"

  /// The names of files with such a table.
  static let fileNames = [
    "labelmap.txt", "label_colors.txt", "class_dict.csv", "class_dict_seg.csv", "colors.txt",
    "labels.csv", "classes.csv", "color_map.txt", "colormap.txt", "label_colours.txt",
    "dataset_meta.json",
  ]

  init(names: [String], colors: [UInt8]) {
    self.names = names
    self.colors = colors
  }

  /// Errors: throws `FileError`, `ContentError` for a line of another form or a class of no name.
  init(contentsOf path: String) throws {
    (names, colors, file) = ([], [], path)
    if FileName.kind(of: path) == "json" {
      (names, colors) = try Self.json(path) ?? ([], [])
      values = Array(names.indices)
    } else if let rows = try ColorRows(contentsOf: path) {
      names = rows.names
      colors = rows.colors
      values = rows.values ?? (Self.counts(path) ? Array(names.indices) : nil)
    }
    guard !names.isEmpty, names.count < 255 else {
      throw ContentError(path: path, expected: "1…254 classes", received: "\(names.count)")
    }
    try check()
  }

  /// Whether the lines of a file of this name are numbered by mask value, as CVAT's.
  private static func counts(_ path: String) -> Bool {
    FileName.last(of: path).lowercased() == "labelmap.txt"
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

  /// Errors: throws `ContentError` for a colour of two classes or an invalid name.
  private func check() throws {
    let distinct = Set(stride(from: 0, to: colors.count, by: 3).map { Array(colors[$0..<$0 + 3]) })
    if distinct.count < names.count {
      var seen: [[UInt8]: String] = [:]
      for (index, name) in names.enumerated() {
        let color = Array(colors[(3 * index)..<(3 * index + 3)])
        if let other = seen.updateValue(name, forKey: color) {
          throw ContentError(
            path: file, expected: "a colour of its own for each class",
            received: other == name
              ? "'\(name)' twice" : "\(color) for both '\(other)' and '\(name)'")
        }
      }
    }
    if let values, Set(values).count < values.count {
      throw ContentError(
        path: file, expected: "each mask value once", received: "\(values) as values")
    }
    _ = try uniqueNames.checkedClassNames(in: file, key: "the table")
  }

  /// The table among a folder's files, at its top or in `folders`: the first of each folder.
  ///
  /// Errors: throws `ContentError` where two folders' tables differ.
  init?(in tree: DataTree, _ folders: [String] = [""]) throws {
    var found: LabelMap?
    for folder in folders {
      guard let map = try Self.first(in: tree, folder) else { continue }
      if let found, (found.byColor, found.values) != (map.byColor, map.values) {
        throw ContentError(
          path: map.file, expected: "the classes, colours and order of \(found.file)",
          received: "others")
      }
      found = found ?? map
    }
    guard let found else { return nil }
    self = found
  }

  private static func first(in tree: DataTree, _ folder: String) throws -> LabelMap? {
    for name in fileNames {
      guard let file = tree.file([folder.isEmpty ? name : "\(folder)/\(name)"]) else { continue }
      // Other tools give some of these names to lists without colours.
      let path = tree.path(file)
      let isTable =
        try FileName.kind(of: file) == "json"
        ? json(path) != nil : name == "labelmap.txt" || ColorRows.areIn(path)
      if isTable { return try LabelMap(contentsOf: path) }
    }
    return nil
  }

  /// The classes in order, each once.
  var uniqueNames: [String] {
    var seen = Set<String>()
    return names.filter { seen.insert(ClassName.trimmed($0)).inserted }
  }

  /// The name of each mask value; empty where the table has no values.
  var byValue: [Int: String] {
    Dictionary(zip(values ?? [], names), uniquingKeysWith: { first, _ in first })
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

  var text: String {
    var text = "# name:r,g,b\n"
    for (index, name) in names.enumerated() {
      let color = colors[(3 * index)..<(3 * index + 3)].map(String.init).joined(separator: ",")
      text += "\(name):\(color)\n"
    }
    return text
  }
}
