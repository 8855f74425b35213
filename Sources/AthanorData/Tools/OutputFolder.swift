import AthanorCore
import Foundation

/// A folder that is about to be filled: new, empty, or one that the same tool filled before.
public enum OutputFolder {
  /// What tells that a folder is ours: written before the first file.
  static let marker = "athanor-data.json"

  /// Makes the folder. Throws `DatasetError` when it holds files that are not ours to overwrite.
  public static func prepare(_ path: String, kind: String) throws {
    if DataFolder.isFile(path) {
      throw DatasetError(path: path, expected: "a folder to write to", received: "a file")
    }
    if DataFolder.isFolder(path) {
      let content = try DataFolder(path).list()
      let ours = try? TextFile.read("\(path)/\(marker)")
      guard content.isEmpty || ours?.contains("\"kind\":\"\(kind)\"") == true else {
        throw DatasetError(
          path: path, expected: "a new or empty folder",
          received: "\(content.count) entries that \(kind) did not write (\(content[0]), …)")
      }
    }
    try makeFolder(path)
    try AtomicFile.write("{\"kind\":\"\(kind)\"}\n", to: "\(path)/\(marker)")
  }
}
