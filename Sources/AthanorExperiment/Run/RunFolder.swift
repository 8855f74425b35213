import AthanorCore
import Foundation

/// The folder of a training run and the names of the files in it.
public struct RunFolder: Sendable {
  public let path: String
  /// The entries of the folder before the run.
  private let earlier: Set<String>
  /// The folders that were created for the run, the outermost first; empty where it existed.
  private let made: [String]

  public var config: String { file("config.yaml") }
  public var history: String { file("history.csv") }
  public var steps: String { file("steps.jsonl") }
  public var summary: String { file("summary.json") }
  public var checkpoints: String { file("checkpoints") }
  public var lastCheckpoint: String { file("checkpoints/last.safetensors") }
  public var bestCheckpoint: String { file("checkpoints/best.safetensors") }
  /// The folder of TensorBoard's event file.
  public var events: String { file("tensorboard") }

  public func file(_ name: String) -> String { "\(path)/\(name)" }

  /// The files and folders that a run writes; the folders may exist if they are empty.
  private static let written = [
    "config.yaml", "history.csv", "steps.jsonl", "summary.json", "test.json", "checkpoints",
    "tensorboard/\(EventFile.name)", "tensorboard/\(EventFile.settingsName)", "labels.png",
    "train_batch0.png", "val_batch0_labels.png", "val_batch0_pred.png",
    "results.png", "confusion_matrix.png", "pr_curve.png",
  ]

  /// Creates the folder of a new run: `path`, or the next free `runs/NAME-N`.
  ///
  /// The files of a run that ended before its first update are replaced.
  ///
  /// Errors: `ContentError` when `path` already contains a run, or other files under the names that
  /// a run writes; `FileError` when the folder cannot be created.
  public init(creating path: String?, name: String) throws {
    if let path {
      self.path = path
      try Self.discardStillborn(in: path)
      earlier = Set((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [])
      made = Self.missing(path)
      if let name = Self.written.first(where: { Self.isTaken("\(path)/\($0)") }) {
        throw ContentError(
          path: path,
          expected: name == "config.yaml"
            ? "a folder without a run (--resume continues one)"
            : "a folder without what a run writes (another --out)",
          received: name)
      }
      try makeFolder(path)
    } else {
      let above = Self.missing("runs")
      try makeFolder("runs")
      let stem = String(name.map { $0.isLetter || $0.isNumber || "-_.".contains($0) ? $0 : "-" })
      var number = 1
      while mkdir("runs/\(stem)-\(number)", 0o755) != 0 {
        guard errno == EEXIST else {
          throw FileError(path: "runs/\(stem)-\(number)", operation: "create the folder")
        }
        number += 1
      }
      self.path = "runs/\(stem)-\(number)"
      (earlier, made) = ([], above + [self.path])
    }
    try makeFolder(checkpoints)
    try makeFolder(events)
  }

  /// Opens the run in an existing folder. Files of an interrupted write are removed.
  ///
  /// Errors: `FileError`, `ContentError` when the folder does not contain a run.
  public init(existing path: String) throws {
    self.path = path
    (earlier, made) = ([], [])
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw FileError(path: path, operation: "read", reason: "No such file or directory")
    }
    guard isFolder.boolValue, FileManager.default.fileExists(atPath: config) else {
      throw ContentError(
        path: path, expected: "a run folder",
        received: isFolder.boolValue ? "a folder without config.yaml" : "a file")
    }
  }

  /// The run and the checkpoint named on a command line: a run folder (its best checkpoint, or the
  /// last) or a checkpoint in one.
  public static func locate(_ path: String) throws -> (run: RunFolder, checkpoint: String) {
    guard path.hasSuffix(".safetensors") else {
      let run = try RunFolder(existing: path)
      let best = FileManager.default.fileExists(atPath: run.bestCheckpoint)
      return (run, best ? run.bestCheckpoint : run.lastCheckpoint)
    }
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
    for candidate in [folder.deletingLastPathComponent().path, folder.path]
    where FileManager.default.fileExists(atPath: "\(candidate)/config.yaml") {
      return (try RunFolder(existing: candidate), path)
    }
    guard FileManager.default.fileExists(atPath: path) else {
      throw FileError(path: path, operation: "read", reason: "No such file or directory")
    }
    throw ContentError(
      path: path, expected: "a checkpoint in a run folder",
      received: "no config.yaml beside it or above it")
  }

  /// Whether anything but an empty folder exists at a path. A link counts, whatever it points to.
  private static func isTaken(_ path: String) -> Bool {
    var status = stat()
    guard lstat(path, &status) == 0 else { return false }
    return (try? FileManager.default.contentsOfDirectory(atPath: path))?.isEmpty != true
  }

  /// Removes the files of a run that ended, killed or out of memory, before its first update, so
  /// that the same command works again.
  ///
  /// Errors: `ContentError` where a process is still using the folder.
  private static func discardStillborn(in path: String) throws {
    guard let status = (try? JSON(contentsOf: "\(path)/summary.json"))?["status"]?.string,
      status == "unfinished" || status == "failed",
      !["last", "best"].contains(where: {
        FileManager.default.fileExists(atPath: "\(path)/checkpoints/\($0).safetensors")
      }), (try? Table(contentsOf: "\(path)/history.csv"))?.rows.isEmpty != false,
      (try? StepLog.read("\(path)/steps.jsonl"))?.isEmpty != false
    else { return }
    let lock = try FolderLock(path)
    defer { lock.release() }
    for name in written { try? FileManager.default.removeItem(atPath: "\(path)/\(name)") }
  }

  /// The parent folders of `path`, and `path` itself, that do not exist, the outermost first.
  private static func missing(_ path: String) -> [String] {
    var missing: [String] = []
    var rest = path[...]
    while !rest.isEmpty, !FileManager.default.fileExists(atPath: String(rest)) {
      missing.insert(String(rest), at: 0)
      rest = rest.prefix(upTo: rest.lastIndex(of: "/") ?? rest.startIndex)
    }
    return missing
  }

  /// Removes everything that was created for a run that never started.
  func discard() {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    where !earlier.contains(name) {
      try? FileManager.default.removeItem(atPath: file(name))
    }
    // Stops at a folder that is not empty.
    for folder in made.reversed() where rmdir(folder) != 0 { break }
  }

  /// The files that a resumed run writes before its first update: its configuration and summary.
  var records: [String: [UInt8]] {
    var records: [String: [UInt8]] = [:]
    for path in [config, summary] { records[path] = try? AtomicFile.read(path) }
    return records
  }

  /// Restores the files in `records`.
  func restore(_ records: [String: [UInt8]]) {
    for (path, bytes) in records {
      try? AtomicFile.write(to: path) { try $0.append(bytes) }
    }
  }

  /// Removes temporary files of an earlier process that was killed while writing.
  public func removeLeftovers() {
    for folder in [path, checkpoints, events] {
      for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      where name.hasSuffix(".tmp") { unlink("\(folder)/\(name)") }
    }
  }
}
