import Synchronization

/// Something in the data that was corrected or left out: how often, and where first.
public struct DataWarning: Codable, Equatable, Sendable {
  /// `box of zero area dropped`.
  public var kind: String
  public var count: Int
  /// The first few files with it, or classes that it applies to, by name.
  public var files: [String]
}

/// Warnings, counted once per sample or file, however often it is read.
public final class WarningLog: Sendable {
  private let counts = Mutex<[String: [String: Int]]>([:])

  public init() {}

  /// A log that combines several ones, which the splits of a data set may share.
  public init(joining logs: [WarningLog]) {
    for log in logs {
      for (kind, files) in log.counts.withLock({ $0 }) {
        for (file, count) in files { note(kind, in: file, count: count) }
      }
    }
  }

  /// Records that `kind` occurs `count` times in `file`; repeating it changes nothing.
  public func note(_ kind: String, in file: String, count: Int = 1) {
    guard count > 0 else { return }
    counts.withLock { $0[kind, default: [:]][file] = count }
  }

  public var all: [DataWarning] {
    counts.withLock { counts in
      counts.map { kind, files in
        DataWarning(
          kind: kind, count: files.values.reduce(0, +), files: Array(files.keys.sorted().prefix(3)))
      }
      .sorted { $0.kind < $1.kind }
    }
  }
}

extension DataWarning: CustomStringConvertible {
  public var description: String {
    "\(count) × \(kind) (\(files.joined(separator: ", "))\(count > files.count ? ", …" : ""))"
  }
}
