import AthanorCore

/// The lines of a table of class colours, in the usual formats.
///
/// CVAT's `name:r,g,b:parts:actions`; `r g b name` and `name r g b` with spaces, tabs, commas or
/// semicolons between, quoted or not, as CamVid's `label_colors.txt` and `class_dict.csv` have
/// them; a class number before or after; an alpha after the colour; `#rrggbb`. A heading names the
/// columns.
struct ColorRows {
  private(set) var names: [String] = []
  /// RGB triples by line.
  private(set) var colors: [UInt8] = []
  /// The class numbers of the lines, where there is a column of them.
  private(set) var values: [Int]?

  /// The parts of a line: numbers, a name, numbers.
  private struct Row {
    var before: [Int]
    var name: String
    var after: [Int]
  }

  /// Whether some line of a file has a name and a colour.
  static func areIn(_ path: String) throws -> Bool {
    try lines(of: path).contains { row(of: $0) != nil } || heading(in: lines(of: path)) != nil
  }

  /// Nil where there is no line.
  ///
  /// Errors: throws `FileError`, `ContentError` for a line of another form.
  init?(contentsOf path: String) throws {
    var lines = try Self.lines(of: path)
    if let heading = Self.heading(in: lines) {
      try read(lines.dropFirst(), heading, path)
    } else {
      if let first = lines.first, Self.row(of: first) == nil, !first.contains(where: \.isNumber) {
        lines.removeFirst()
      }
      let rows = try lines.map { line in
        guard let row = Self.row(of: line) else { throw Self.error(path, line) }
        return row
      }
      try read(rows, lines, path)
    }
    if names.isEmpty { return nil }
  }

  private static func error(_ path: String, _ line: String) -> ContentError {
    ContentError(
      path: path, expected: "lines of the form name:r,g,b or 'r g b name' with 0…255",
      received: "'\(line)'")
  }

  /// A comment is on its own line, or follows ` #`.
  private static func lines(of path: String) throws -> [String] {
    try TextFile.lines(of: path) { MaskCoding.RGB(hex: $0.prefix { !$0.isWhitespace }) != nil }.map
    {
      line in
      guard let remark = line.firstRange(of: #/\s#(?![0-9a-fA-F]{6}\b)/#) else { return line }
      return ClassName.trimmed(String(line[..<remark.lowerBound]))
    }
  }

  // MARK: A line by itself

  private static func row(of line: String) -> Row? {
    // CVAT's own form. What follows a second colon (parts and actions) is ignored.
    let byColon = line.split(separator: ":", omittingEmptySubsequences: false)
    if byColon.count > 1 {
      let numbers = fields(of: String(byColon[1])) { ", ()[]".contains($0) }.map { Int($0) }
      let name = ClassName.trimmed(String(byColon[0]))
      if (3...4).contains(numbers.count), !name.isEmpty, !numbers.contains(nil) {
        return Row(before: [], name: name, after: numbers.map { $0! })
      }
    }
    for isSeparator: (Character) -> Bool in [
      { ",;".contains($0) }, \.isWhitespace, { $0.isWhitespace || ",;:()[]".contains($0) },
    ] {
      let parts = fields(of: line, isSeparator).flatMap { part in
        MaskCoding.RGB(hex: part).map { $0.bytes.map { "\($0)"[...] } } ?? [part]
      }
      let before = Array(parts.prefix(4).map { Int($0) }.prefix { $0 != nil }.map { $0! })
      let rest = parts.dropFirst(before.count)
      // A name may end in numbers where a colour stands before it.
      let after =
        before.count >= 3
        ? (isSeparator(",") && rest.count > 1 ? rest.suffix(1).compactMap { Int($0) } : [])
        : Array(
          rest.suffix(4).reversed().map { Int($0) }.prefix { $0 != nil }.map { $0! }.reversed())
      let name = rest.dropLast(after.count).joined(separator: " ")
        .trimmingSuffix { $0.isWhitespace || "=:".contains($0) }
      guard !name.isEmpty, before.count >= 3 || after.count >= 3 else { continue }
      return Row(before: before, name: ClassName.trimmed(name), after: after)
    }
    return nil
  }

  /// The parts of a line, without quotes around them.
  private static func fields(
    of line: String, _ isSeparator: (Character) -> Bool
  ) -> [Substring] {
    var fields: [String] = [""]
    var isQuoted = false
    for character in line {
      if character == "\"" {
        isQuoted.toggle()
      } else if !isQuoted, isSeparator(character) {
        fields.append("")
      } else {
        fields[fields.count - 1].append(character)
      }
    }
    return fields.map { ClassName.trimmed($0)[...] }.filter { !$0.isEmpty }
  }

  // MARK: All lines

  /// All lines together determine which of four numbers are the colour.
  private mutating func read(_ rows: [Row], _ lines: [String], _ path: String) throws {
    guard let first = rows.first else { return }
    func column(_ number: (Row) -> Int) -> [Int] { rows.map(number) }
    func counts(_ numbers: [Int]) -> Bool {
      let sorted = numbers.sorted()
      return sorted == Array(0..<numbers.count) || sorted == Array(1...numbers.count)
    }
    if let odd = rows.firstIndex(where: {
      ($0.before.count, $0.after.count) != (first.before.count, first.after.count)
    }) {
      throw Self.error(path, lines[odd])
    }
    let color: (Row) -> ArraySlice<Int>
    switch (first.before.count, first.after.count) {
    case (3, 0): color = { $0.before[...] }
    case (3, 1):
      color = { $0.before[...] }
      values = column { $0.after[0] }
    case (0, 3): color = { $0.after[...] }
    case (1, 3), (1, 4):
      color = { $0.after.prefix(3) }
      values = column { $0.before[0] }
    case (4, 0) where counts(column { $0.before[0] }):
      color = { $0.before.suffix(3) }
      values = column { $0.before[0] }
    case (4, 0) where column({ $0.before[3] }).allSatisfy { $0 == 255 }:
      color = { $0.before.prefix(3) }
    case (0, 4) where column({ $0.after[3] }).allSatisfy { $0 == 255 }:
      color = { $0.after.prefix(3) }
    case (0, 4) where counts(column { $0.after[3] }):
      color = { $0.after.prefix(3) }
      values = column { $0.after[3] }
    default: throw Self.error(path, lines[0])
    }
    for (row, line) in zip(rows, lines) { try add(row.name, color(row), line, path) }
  }

  private mutating func add(
    _ name: String, _ color: some Collection<Int>, _ line: String, _ path: String
  ) throws {
    let bytes = color.compactMap(UInt8.init(exactly:))
    guard bytes.count == 3 else { throw Self.error(path, line) }
    names.append(name)
    colors += bytes
  }

  // MARK: Lines below a heading

  /// The columns of a heading, and its separator.
  private struct Heading {
    var color: [Int]
    var name: Int
    var value: Int?
    var count: Int
    var isSeparator: (Character) -> Bool
  }

  private static func heading(in lines: [String]) -> Heading? {
    guard let line = lines.first else { return nil }
    for isSeparator: (Character) -> Bool in [{ ",;\t".contains($0) }, \.isWhitespace] {
      let words = fields(of: line, isSeparator).map { $0.lowercased() }
      func column(_ names: [String]) -> Int? {
        names.lazy.compactMap { words.firstIndex(of: $0) }.first
      }
      let color = [["r", "red"], ["g", "green"], ["b", "blue"]].compactMap(column)
      guard color.count == 3 else { continue }
      let value = column([
        "id", "index", "value", "pixel value", "label_id", "class_id", "label id", "class id",
      ])
      let known = Set(color + [value].compactMap { $0 })
      let named = column(["name", "class", "label", "class_name", "class name", "category"])
      guard let name = named ?? words.indices.first(where: { !known.contains($0) }) else {
        continue
      }
      return Heading(
        color: color, name: name, value: value, count: words.count, isSeparator: isSeparator)
    }
    return nil
  }

  private mutating func read(
    _ lines: some Sequence<String>, _ heading: Heading, _ path: String
  ) throws {
    var values: [Int] = []
    for line in lines {
      let fields = Self.fields(of: line, heading.isSeparator)
      // Where columns are separated by spaces, a name of two words adds a column.
      guard fields.count == heading.count else { throw Self.error(path, line) }
      let color = heading.color.compactMap { Int(fields[$0]) }
      try add(String(fields[heading.name]), color, line, path)
      if let column = heading.value {
        guard let value = Int(fields[column]) else { throw Self.error(path, line) }
        values.append(value)
      }
    }
    if heading.value != nil { self.values = values }
  }
}

extension String {
  fileprivate func trimmingSuffix(while isPart: (Character) -> Bool) -> String {
    var end = endIndex
    while end > startIndex, isPart(self[index(before: end)]) { end = index(before: end) }
    return String(self[..<end])
  }
}
