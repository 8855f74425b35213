import AthanorCore

/// A table of numbers and text with named columns, in the form of a strict CSV file (RFC 4180).
public struct Table: Equatable, Sendable {
  public private(set) var columns: [String]
  /// Each row has one cell per column; an empty cell means "not measured".
  public private(set) var rows: [[String]] = []

  public init(columns: [String]) { self.columns = columns }

  /// Adds a row of values under their columns; an unknown column is added, empty in earlier rows.
  public mutating func append(_ values: [(column: String, value: JSON)]) {
    for value in values where !columns.contains(value.column) {
      columns.append(value.column)
      rows = rows.map { $0 + [""] }
    }
    let cells = Dictionary(values.map { ($0.column, Self.cell($0.value)) }) { $1 }
    rows.append(columns.map { cells[$0] ?? "" })
  }

  /// The numbers of a column, nil where a cell is empty or contains text.
  public func numbers(_ column: String) -> [Double?] {
    guard let index = columns.firstIndex(of: column) else { return [] }
    return rows.map { Double($0[index]) }
  }

  /// The rows whose number in `column` is less than `limit`.
  public func rows(where column: String, isBelow limit: Double) -> Table {
    var table = self
    let keep = numbers(column).map { $0.map { $0 < limit } ?? false }
    table.rows = zip(rows, keep).filter(\.1).map(\.0)
    return table
  }

  private static func cell(_ value: JSON) -> String {
    switch value {
    case .null: ""
    case .string(let text): text
    case .number(let number): number.isFinite ? number.description : "\(number)"
    default: value.compact
    }
  }

  public var csv: String {
    ([columns] + rows).map { row in
      row.map { cell in
        cell.contains { ",\"\n\r".contains($0) }
          ? "\""
            + cell.split(separator: "\"", omittingEmptySubsequences: false)
            .joined(separator: "\"\"") + "\"" : cell
      }.joined(separator: ",") + "\n"
    }.joined()
  }

  /// Reads a CSV file with a header. Throws `FileError`, or `ContentError` naming file and line.
  public init(contentsOf path: String) throws {
    let records = Self.records(of: try TextFile.read(path))
    columns = records.first ?? []
    rows = Array(records.dropFirst())
    for (index, row) in rows.enumerated() where row.count != columns.count {
      throw ContentError(
        path: path, key: "row \(index + 2)", expected: "\(columns.count) cells",
        received: "\(row.count)")
    }
  }

  private static func records(of text: String) -> [[String]] {
    var records: [[String]] = []
    var row: [String] = []
    var cell = ""
    var quoted = false
    var previous: Character = ","
    // The line ending CR LF is a single `Character`.
    for character in text {
      switch character {
      case "\"":
        if !quoted, previous == "\"" { cell.append("\"") }
        quoted.toggle()
      case "," where !quoted:
        row.append(cell)
        cell = ""
      case "\n", "\r\n":
        if quoted { fallthrough }
        records.append(row + [cell])
        (row, cell) = ([], "")
      default: cell.append(character)
      }
      previous = character
    }
    if !cell.isEmpty || !row.isEmpty { records.append(row + [cell]) }
    return records
  }
}
