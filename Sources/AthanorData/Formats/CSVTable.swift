import AthanorCore

/// A table of comma-separated values with a heading; the separator may also be a semicolon or
/// a tab.
struct CSVTable: Sendable {
  /// The headings in lower case.
  var columns: [String]
  var rows: [[String]]
  /// The line of each row in the file, from 1.
  var lines: [Int]
  var file: String

  /// Errors: throws `FileError`, `ContentError` for a row of another length than the heading and
  /// for a quote that does not end.
  init(contentsOf path: String) throws {
    let text = try TextFile.read(path)
    let heading = text.prefix { !$0.isNewline }
    let separator: Character =
      [",", ";", "\t"].max { a, b in heading.count { $0 == a } < heading.count { $0 == b } }!
    (file, columns, rows, lines) = (path, [], [], [])
    for (line, fields) in try Self.records(text, separator, path) {
      if columns.isEmpty {
        columns = fields.map { $0.lowercased() }
        continue
      }
      guard fields.count == columns.count else {
        throw ContentError(
          path: "\(path):\(line)", expected: "\(columns.count) values, as in the heading",
          received: "\(fields.count)")
      }
      rows.append(fields)
      lines.append(line)
    }
  }

  /// The index of the first of some headings.
  func column(_ names: [String]) -> Int? {
    names.lazy.compactMap { columns.firstIndex(of: $0) }.first
  }

  /// The fields of a heading in a line.
  static func heading(of path: String) throws -> [String] {
    let file = try InputFile(path)
    let bytes = try file.read(min(file.size, 4096), at: 0)
    let line = bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
    return String(decoding: line, as: UTF8.self).lowercased()
      .split { ",;\t\u{FEFF}".contains($0) }.map { ClassName.trimmed($0.filter { $0 != "\"" }) }
  }

  /// The records of a text, without empty lines, each with its line.
  private static func records(
    _ text: String, _ separator: Character, _ path: String
  ) throws -> [(line: Int, fields: [String])] {
    var records: [(Int, [String])] = []
    var (fields, field, isQuoted, wasQuoted) = ([String](), "", false, false)
    var (line, start) = (1, 1)
    var position = text.startIndex
    func end() {
      fields.append(wasQuoted ? field : ClassName.trimmed(field))
      (field, wasQuoted) = ("", false)
    }
    while position < text.endIndex {
      let character = text[position]
      position = text.index(after: position)
      if isQuoted {
        if character == "\"" {
          if position < text.endIndex, text[position] == "\"" {
            field.append("\"")
            position = text.index(after: position)
          } else {
            isQuoted = false
          }
        } else {
          if character.isNewline { line += 1 }
          field.append(character)
        }
      } else if character == "\"", ClassName.trimmed(field).isEmpty {
        (isQuoted, wasQuoted, field) = (true, true, "")
      } else if character == separator {
        end()
      } else if character.isNewline {
        end()
        if fields != [""] { records.append((start, fields)) }
        fields = []
        line += 1
        start = line
      } else {
        field.append(character)
      }
    }
    guard !isQuoted else {
      throw ContentError(
        path: "\(path):\(start)", expected: "'\"' to end a quoted value",
        received: "the end of the file")
    }
    end()
    if fields != [""] { records.append((start, fields)) }
    return records
  }
}
