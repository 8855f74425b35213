import AthanorCore
import Foundation

/// A folder that data files may refer into, and never out of.
struct DataFolder: Sendable {
  let root: String

  /// Throws `DatasetError` when `root` is empty or no folder.
  init(_ root: String, key: String = "path") throws {
    guard !root.isEmpty else {
      throw DatasetError(
        path: "(data set)", expected: "the option '\(key)' to name a folder", received: "nothing")
    }
    var trimmed = root
    while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
    guard Self.isFolder(trimmed) else {
      throw DatasetError(
        path: trimmed, expected: "a folder",
        received: FileManager.default.fileExists(atPath: trimmed) ? "a file" : "nothing there")
    }
    self.root = trimmed
  }

  static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && isFolder.boolValue
  }

  static func isFile(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && !isFolder.boolValue
  }

  func path(_ relative: String) -> String { relative.isEmpty ? root : "\(root)/\(relative)" }
  func hasFolder(_ relative: String) -> Bool { Self.isFolder(path(relative)) }
  func hasFile(_ relative: String) -> Bool { Self.isFile(path(relative)) }

  /// The path that `entry`, written in `file`, stands for, taken from `folder` inside the root.
  ///
  /// Throws `DatasetError` for an absolute path or one that climbs out of the data folder.
  func resolve(_ entry: String, in folder: String = "", writtenIn file: String) throws -> String {
    var parts = folder.split(separator: "/").map(String.init)
    let outside = DatasetError(
      path: file, expected: "a path inside \(root)", received: "'\(entry)'")
    guard !entry.hasPrefix("/"), !entry.contains("\0"), !entry.isEmpty else { throw outside }
    for part in entry.split(separator: "/") where part != "." {
      if part == ".." {
        guard !parts.isEmpty else { throw outside }
        parts.removeLast()
      } else {
        parts.append(String(part))
      }
    }
    guard !parts.isEmpty else { throw outside }
    return path(parts.joined(separator: "/"))
  }

  /// The names in a folder, sorted; hidden ones are left out. Throws `DatasetError` naming it.
  func list(_ relative: String = "") throws -> [String] {
    let folder = path(relative)
    guard Self.isFolder(folder) else {
      throw DatasetError(path: folder, expected: "a folder", received: "nothing there")
    }
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder)
        .filter { !$0.hasPrefix(".") }.sorted()
    } catch {
      throw FileError(path: folder, operation: "list", reason: error.localizedDescription)
    }
  }

  /// The images of a folder by stem. Throws `DatasetError` when two files share a stem.
  func images(in relative: String) throws -> [String: String] {
    var found: [String: String] = [:]
    for name in try list(relative) {
      let (stem, kind) = Self.parts(of: name)
      guard Self.imageKinds.contains(kind) else { continue }
      if let other = found.updateValue(name, forKey: stem) {
        throw DatasetError(
          path: path(relative), expected: "one image a stem", received: "\(other) and \(name)")
      }
    }
    return found.mapValues { path(relative.isEmpty ? $0 : "\(relative)/\($0)") }
  }

  static let imageKinds: Set<String> = ["jpg", "jpeg", "png"]

  /// The stem and the lowercased extension of a file name or path.
  static func parts(of path: String) -> (stem: String, kind: String) {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return (name, "") }
    return (String(name[..<dot]), name[name.index(after: dot)...].lowercased())
  }

  static func stem(of path: String) -> String { parts(of: path).stem }

  /// The lines of a text file without surrounding space, empty ones and `#` comments left out.
  static func lines(of path: String) throws -> [String] {
    try TextFile.read(path).split(whereSeparator: \.isNewline)
      .map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { !$0.isEmpty && !$0.hasPrefix("#") }
  }
}

/// Makes a folder and those above it. Throws `FileError`.
func makeFolder(_ path: String) throws {
  do {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  } catch {
    throw FileError(
      path: path, operation: "create the folder", reason: "\(error.localizedDescription)")
  }
}
