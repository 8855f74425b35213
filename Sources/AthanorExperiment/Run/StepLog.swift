import AthanorCore

/// `steps.jsonl`: one line with a JSON object for every training step, numbered by its key `step`.
public final class StepLog {
  private let file: AppendingFile

  /// Opens the log so that the next line is that of step `next`: later lines, and an incomplete
  /// last line, are cut off. Throws `FileError`.
  public init(_ path: String, next: Int = 0) throws {
    var kept = 0
    if next > 0, let bytes = try? AtomicFile.read(path) {
      for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
        guard line.endIndex < bytes.count, let record = try? JSON(parsing: Array(line)),
          let step = record["step"]?.integer, step < next
        else { break }
        kept = line.endIndex + 1
      }
    }
    file = try AppendingFile(path, keeping: kept)
  }

  public func append(_ record: JSON) throws { try file.append(record.compact + "\n") }

  /// The complete lines of a log, even where its last line is incomplete.
  public static func read(_ path: String) throws -> [JSON] {
    try AtomicFile.read(path).split(separator: UInt8(ascii: "\n")).compactMap {
      try? JSON(parsing: Array($0))
    }
  }
}
