extension Settings {
  /// The settings as YAML: block style, lists of scalars on one line, a final newline.
  ///
  /// Reading the text gives the same tree, with selections as names or maps.
  public var yaml: String {
    if let leaf = YAMLScalar.text(of: self) { return leaf + "\n" }
    return lines.map { $0 + "\n" }.joined()
  }

  /// The lines of a map, a list or a selection with options, without indent.
  private var lines: [String] {
    switch self {
    case .map(let entries), .dictionary(let entries): entries.flatMap { Self.lines(of: $0) }
    case .selection(let name, let options):
      ["name: \(YAMLScalar.quoted(name))"] + options.flatMap { Self.lines(of: $0) }
    case .list(let items):
      items.flatMap { item in
        guard let leaf = YAMLScalar.text(of: item) else {
          return item.lines.enumerated().map { ($0 == 0 ? "- " : "  ") + $1 }
        }
        return ["- \(leaf)"]
      }
    default: [YAMLScalar.text(of: self) ?? ""]
    }
  }

  private static func lines(of entry: Entry) -> [String] {
    let key = YAMLScalar.quoted(entry.key)
    guard let leaf = YAMLScalar.text(of: entry.value) else {
      return ["\(key):"] + entry.value.lines.map { "  " + $0 }
    }
    return ["\(key): \(leaf)"]
  }
}
