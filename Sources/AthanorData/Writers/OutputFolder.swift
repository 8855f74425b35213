import AthanorCore
import Foundation

/// A folder that is about to be filled: new, empty, or one that the same tool filled before.
///
/// The new content is written to a hidden folder inside and moved when it is complete, so that an
/// interrupted run leaves nothing that could be read as a data set.
public struct OutputFolder: Sendable {
  /// The file that marks a folder as ours and lists its entries: `{"kind":…,"entries":[…]}`.
  static let marker = ".athanor-data.json"

  /// The hidden folder of the new content.
  public let work: String
  private let path: String
  private let kind: String
  private let isNew: Bool
  /// The entries that an earlier run wrote.
  private let old: [String]

  /// Creates the folder.
  ///
  /// Errors: throws `ContentError` where it contains entries that the tool did not write.
  public init(_ path: String, kind: String) throws {
    guard !DataTree.isFile(path) else {
      throw ContentError(path: path, expected: "a folder to write to", received: "a file")
    }
    (self.path, self.kind, work) = (path, kind, "\(path)/.athanor-unfinished")
    isNew = !DataTree.isFolder(path)
    if isNew {
      old = []
    } else {
      let json = try? JSON(contentsOf: "\(path)/\(Self.marker)")
      // Only names: a path could lead out of the folder.
      let ours =
        json?["kind"]?.string == kind
        ? json?["entries"]?.array?.compactMap(\.string).filter {
          !$0.contains("/") && !$0.hasPrefix(".") && !$0.isEmpty
        } : nil
      old = ours ?? []
      let content = try Self.entries(of: path)
      let strange = content.filter { ours == nil || !old.contains($0) }
      guard strange.isEmpty else {
        throw ContentError(
          path: path, expected: "a new or empty folder",
          received: "\(strange.count) entries that \(kind) did not write (\(strange[0])"
            + (strange.count > 1 ? ", …)" : ")"))
      }
    }
    try? FileManager.default.removeItem(atPath: work)
    try makeFolder(work)
  }

  /// Errors: throws `ContentError` where the folder is one of those that are read, or contains one.
  static func refuse(_ path: String, over inputs: [String]) throws {
    guard DataTree.isFolder(path) else { return }
    let root = URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
    for input in inputs {
      let read = URL(fileURLWithPath: input).standardizedFileURL.resolvingSymlinksInPath().path
      guard read == root || read.hasPrefix(root + "/") else { continue }
      throw ContentError(
        path: path, expected: "a folder that holds nothing of what is read", received: input)
    }
  }

  /// The names in a folder, sorted; hidden ones are left out.
  private static func entries(of folder: String) throws -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder)
        .filter { !$0.hasPrefix(".") }.sorted()
    } catch {
      throw FileError(path: folder, operation: "list", reason: error.localizedDescription)
    }
  }

  /// Replaces the old content by the new.
  public func finish() throws {
    let entries = try Self.entries(of: work)
    // The old content is moved aside until the new one is in place, and back on failure.
    let aside = "\(path)/.athanor-replaced"
    var (set, moved) = ([String](), [String]())
    do {
      // Before anything is moved, so that an interrupted state can be replaced by a later run.
      try mark(Set(old).union(entries))
      try? FileManager.default.removeItem(atPath: aside)
      try makeFolder(aside)
      for entry in old where FileManager.default.fileExists(atPath: "\(path)/\(entry)") {
        try FileManager.default.moveItem(
          atPath: "\(path)/\(entry)", toPath: "\(aside)/\(entry)")
        moved.append(entry)
      }
      for entry in entries {
        try FileManager.default.moveItem(atPath: "\(work)/\(entry)", toPath: "\(path)/\(entry)")
        set.append(entry)
      }
      try FileManager.default.removeItem(atPath: work)
    } catch {
      for entry in set { try? FileManager.default.removeItem(atPath: "\(path)/\(entry)") }
      for entry in moved {
        try? FileManager.default.moveItem(
          atPath: "\(aside)/\(entry)", toPath: "\(path)/\(entry)")
      }
      try? FileManager.default.removeItem(atPath: aside)
      if old.isEmpty { unlink("\(path)/\(Self.marker)") } else { try? mark(Set(old)) }
      throw FileError(
        path: path, operation: "write", reason: error.localizedDescription)
    }
    try? FileManager.default.removeItem(atPath: aside)
    try mark(Set(entries))
  }

  private func mark(_ entries: Set<String>) throws {
    let marker = JSON.object([
      .init("kind", .string(kind)), .init("entries", .array(entries.sorted().map { .string($0) })),
    ])
    try AtomicFile.write(marker.compact + "\n", to: "\(path)/\(Self.marker)")
  }

  /// Restores the folder.
  public func abandon() {
    try? FileManager.default.removeItem(atPath: work)
    if isNew { rmdir(path) }
  }
}
