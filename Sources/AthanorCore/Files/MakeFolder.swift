import Foundation

/// Makes a folder and those above it; one that is there is left. Throws `FileError`.
public func makeFolder(_ path: String) throws {
  do {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  } catch {
    throw FileError(
      path: path, operation: "create the folder", reason: "\(error.localizedDescription)")
  }
}
