/// A table for people: columns as wide as their cells, numbers aligned right.
struct TextTable {
  var header: [String]
  var rows: [[String]] = []

  init(_ header: [String]) { self.header = header }

  /// The lines with a rule under the header, each with its newline.
  var text: String {
    let widths = header.indices.map { column in
      ([header] + rows).map { $0[column].count }.max() ?? 0
    }
    let isNumber = header.indices.map { column in
      column > 0
        && rows.allSatisfy { row in
          row[column].allSatisfy { $0.isNumber || "+-.,% eEG–".contains($0) }
        }
    }
    func line(_ cells: [String]) -> String {
      var text = zip(cells.indices, cells).map {
        $1.padded(to: widths[$0], right: isNumber[$0])
      }.joined(separator: "  ")
      while text.last == " " { text.removeLast() }
      return text + "\n"
    }
    let rule = widths.map { String(repeating: "─", count: $0) }.joined(separator: "──") + "\n"
    return line(header) + rule + rows.map(line).joined()
  }
}
