import AthanorCore
import AthanorExperiment

/// A table for people, with the same content in HTML and Markdown.
struct ReportTable: Sendable {
  struct Cell: Sendable {
    var text: String
    /// The number that its column is sorted by; nil for text.
    var value: Double?
    var isStrong = false
    /// The length of a bar under the number, as a share of the column's width; only in HTML.
    var bar: Double?
    /// The RGB colour of the class that the cell names; only in HTML.
    var swatch: [UInt8]?

    static let empty = Cell(text: "–")

    init(text: String, value: Double? = nil, isStrong: Bool = false) {
      (self.text, self.value, self.isStrong) = (text, value, isStrong)
    }

    init(_ text: String) { self.init(text: text) }
    init(_ number: Int) { self.init(text: "\(number)", value: Double(number)) }
  }

  struct Column: Sendable {
    var title: String
    var isNumeric = true
    /// The heading above this column and its neighbours of the same group.
    var group = ""
  }

  var caption: String
  var columns: [Column]
  var rows: [[Cell]] = []

  /// The table without its empty columns.
  var compact: ReportTable {
    guard !rows.isEmpty else { return self }
    var table = self
    let kept = columns.indices.filter { column in
      rows.contains { $0[column].text != Cell.empty.text && !$0[column].text.isEmpty }
    }
    table.columns = kept.map { columns[$0] }
    table.rows = rows.map { row in kept.map { row[$0] } }
    return table
  }

  /// A GitHub table: group names are placed before the titles of their columns.
  var markdown: String {
    func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |\n" }
    return line(
      columns.map { Self.escape($0.group.isEmpty ? $0.title : "\($0.group) \($0.title)") })
      + line(columns.map { $0.isNumeric ? "---:" : "---" })
      + rows.map { row in
        line(row.map { $0.isStrong ? "**\(Self.escape($0.text))**" : Self.escape($0.text) })
      }.joined()
  }

  /// Escapes text so that Markdown shows it unchanged within a cell.
  static func escape(_ text: String) -> String {
    text.reduce(into: "") { escaped, character in
      if "\\`*_[]<>|#".contains(character) { escaped += "\\" }
      escaped += character.isNewline ? " " : String(character)
    }
  }
}

extension ReportTable.Cell {
  /// `0.512 ± 0.013`; for a single seed only the value.
  init(_ spread: Spread?, _ decimals: Int, expected count: Int, isStrong: Bool = false) {
    guard let spread else { self = .empty; return }
    var text = Self.number(spread.mean, decimals)
    if let deviation = spread.deviation { text += " ± \(fixed(deviation, decimals))" }
    if spread.count < count { text += " (n = \(spread.count))" }
    self.init(text: text, value: spread.mean, isStrong: isStrong)
  }

  /// `+0.012 [−0.004, +0.028]`, strong where the interval excludes 0; with too few seeds, a
  /// remark that they are too few replaces the interval.
  init(_ difference: PairedDifference?, _ decimals: Int, expected count: Int) {
    guard let difference else { self = .empty; return }
    func signed(_ value: Double) -> String { Self.number(value, decimals, isSigned: true) }
    var text = signed(difference.mean)
    guard difference.isDecidable else {
      let seeds = "\(difference.count) seed\(difference.count == 1 ? "" : "s")"
      self.init(text: "\(text) (\(seeds): too few to decide)", value: difference.mean)
      return
    }
    if let half = difference.halfWidth {
      text += " [\(signed(difference.mean - half)), \(signed(difference.mean + half))]"
    }
    if difference.count < count { text += " (n = \(difference.count))" }
    self.init(text: text, value: difference.mean, isStrong: difference.excludesZero)
  }

  /// A number with a minus as wide as the plus; a number that rounds to 0 has no sign.
  static func number(_ value: Double, _ decimals: Int, isSigned: Bool = false) -> String {
    let digits = fixed(abs(value), decimals)
    if digits.allSatisfy({ "0.".contains($0) }) { return digits }
    return (value < 0 ? "−" : isSigned ? "+" : "") + digits
  }
}
