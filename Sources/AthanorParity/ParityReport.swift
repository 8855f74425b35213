import AthanorCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How far apart two outputs are.
public struct Difference: Equatable, Sendable {
  /// The largest difference between two bytes.
  public var maxAbs = 0
  /// The share of bytes that differ.
  public var share = 0.0

  public var isNone: Bool { maxAbs == 0 }

  init(_ a: [UInt8], _ b: [UInt8]) {
    guard a != b else { return }
    var differing = 0
    for (x, y) in zip(a, b) where x != y {
      differing += 1
      maxAbs = max(maxAbs, abs(Int(x) - Int(y)))
    }
    share = Double(differing) / Double(a.count)
  }
}

/// The table of a comparison.
public struct ParityReport: Sendable {
  /// One op at one size and one number of threads. A ratio is our time over the reference's, the
  /// median over pairs with a 95 % interval.
  public struct Row: Sendable {
    public var op: String
    public var width: Int
    public var height: Int
    public var threads: Int
    public var difference: Difference
    public var swiftSeconds: Double
    public var referenceSeconds: Double
    public var ratio: Double
    public var ratioLow: Double
    public var ratioHigh: Double
    /// CPU seconds per second: how many CPUs were kept busy.
    public var busySwift: Double
    public var busyReference: Double
    /// The bytes of input and output, each counted once.
    public var bytes: Double
    /// The share of the bandwidth of a plain copy on as many threads; above 1 where the images fit
    /// in a cache.
    public var shareOfBandwidth: Double
  }

  public var cpu: String
  public var cpus: Int
  public var opencv: String
  /// Bytes per second of a plain copy, by number of threads.
  public var bandwidth: [(threads: Int, bytes: Double)]
  public var rows: [Row]
  public var losses: [LossRow] = []

  public var isIdentical: Bool { rows.allSatisfy { $0.difference.isNone } }
  public var isAtParity: Bool { isIdentical && losses.allSatisfy(\.isAtParity) }

  /// The geometric mean of all ratios.
  public var meanRatio: Double {
    guard !rows.isEmpty else { return .nan }
    return exp(rows.reduce(0) { $0 + log($1.ratio) } / Double(rows.count))
  }

  public var json: JSON {
    [
      "cpu": .string(cpu), "cpus": .integer(cpus), "opencv": .string(opencv),
      "results": .array(
        rows.map { row in
          [
            "op": .string(row.op), "size": .string("\(row.width)x\(row.height)"),
            "threads": .integer(row.threads), "identical": .bool(row.difference.isNone),
            "maxAbsDiff": .integer(row.difference.maxAbs),
            "differing": .number(row.difference.share),
            "swiftMs": .number(1e3 * row.swiftSeconds),
            "referenceMs": .number(1e3 * row.referenceSeconds), "ratio": .number(row.ratio),
            "ratioLow": .number(row.ratioLow), "ratioHigh": .number(row.ratioHigh),
            "busySwift": .number(row.busySwift), "busyReference": .number(row.busyReference),
            "shareOfBandwidth": .number(row.shareOfBandwidth),
          ]
        }),
      "losses": .array(losses.map(\.json)),
    ]
  }

  /// Markdown tables, which are also readable in a terminal.
  public var markdown: String {
    [rows.isEmpty ? nil : opTable, losses.isEmpty ? nil : lossTable].compactMap { $0 }
      .joined(separator: "\n")
  }

  private var opTable: String {
    var cells = [
      [
        "op", "size", "threads", "parity", "Swift ms", "OpenCV ms", "ratio", "95 %", "busy",
        "of copy",
      ]
    ]
    for row in rows {
      cells.append([
        row.op, "\(row.width)×\(row.height)", "\(row.threads)",
        row.difference.isNone ? "identical" : "differs by \(row.difference.maxAbs)",
        fixed(1e3 * row.swiftSeconds, 3), fixed(1e3 * row.referenceSeconds, 3),
        fixed(row.ratio, 2), "\(fixed(row.ratioLow, 2))–\(fixed(row.ratioHigh, 2))",
        "\(fixed(row.busySwift, 1))/\(fixed(row.busyReference, 1))",
        "\(fixed(100 * row.shareOfBandwidth, 0)) %",
      ])
    }
    let copies = bandwidth.map { "\(fixed($0.bytes / 1e9, 1)) GB/s on \($0.threads)" }
    let slower = rows.count { $0.ratio > 1 }
    return markdownTable(cells) + """

      \(cpu), \(cpus) CPUs, OpenCV \(opencv); a copy moves \(copies.joined(separator: ", ")).
      Geometric mean of \(rows.count) ratios: \(fixed(meanRatio, 2)); above 1: \(slower).

      """
  }
}

/// A table whose first row is its header; every column is as wide as its widest cell.
func markdownTable(_ cells: [[String]]) -> String {
  let widths = cells[0].indices.map { c in cells.map { $0[c].count }.max()! }
  func line(_ row: [String]) -> String {
    "| "
      + zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
      .joined(separator: " | ") + " |\n"
  }
  let rule = "|" + widths.map { String(repeating: "-", count: $0 + 2) + "|" }.joined() + "\n"
  return line(cells[0]) + rule + cells.dropFirst().map(line).joined()
}
