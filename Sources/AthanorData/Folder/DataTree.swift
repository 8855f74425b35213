import AthanorCore
import AthanorVision
import Foundation

/// The files of a data folder as they lay when it was listed: the one lister of data sets.
///
/// Subfolders are entered, links followed but never in a circle. What a file manager, an archive or
/// a notebook leaves behind is no part of a data set: hidden files and folders, `__MACOSX`,
/// `Thumbs.db`, `desktop.ini`. Paths are relative to the root, with `/`, sorted. Names compare by
/// their characters, whatever their Unicode normal form.
public struct DataTree: Sendable {
  /// The folder, without a `/` at its end.
  public let root: String
  /// Every file, sorted.
  public let files: [String]
  /// Every folder below the root, sorted.
  public let folders: [String]
  /// How many files were left out because their names are not UTF-8, which paths must be here.
  public let unreadableNames: Int
  private let fileSet: Set<String>
  private let folderSet: Set<String>
  /// Spellings by lowercased path.
  private let spellings: [String: String]

  /// Lists a folder.
  ///
  /// Errors: throws `DatasetError` when `path` is empty or no folder, `FileError` where a folder
  /// cannot be listed.
  public init(_ path: String, key: String = "path") throws {
    guard !path.isEmpty else {
      throw DatasetError(
        path: "(data set)", expected: "the option '\(key)' to name a folder", received: "nothing")
    }
    var trimmed = path
    while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
    guard Self.isFolder(trimmed) else {
      throw DatasetError(
        path: trimmed, expected: "a folder",
        received: FileManager.default.fileExists(atPath: trimmed) ? "a file" : "nothing there")
    }
    var (files, folders) = ([String](), [String]())
    let top = FileIdentity(trimmed).map { [$0.text] } ?? []
    try Self.list(trimmed, "", within: top, &files, &folders)
    root = trimmed
    let readable = files.filter { !$0.unicodeScalars.contains("\u{FFFD}") }
    unreadableNames = files.count - readable.count
    files = readable
    self.files = files.sorted()
    self.folders = folders.sorted()
    fileSet = Set(files)
    folderSet = Set(folders)
    spellings = Dictionary(
      (files + folders).map { ($0.lowercased(), $0) }, uniquingKeysWith: { first, _ in first })
  }

  public static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && isFolder.boolValue
  }

  public static func isFile(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && !isFolder.boolValue
  }

  public func path(_ relative: String) -> String { relative.isEmpty ? root : "\(root)/\(relative)" }

  public func hasFile(_ relative: String) -> Bool { fileSet.contains(relative) }

  public func hasFolder(_ relative: String) -> Bool {
    relative.isEmpty || folderSet.contains(relative)
  }

  /// The file or folder of this path in whatever case it is written.
  public func spelling(of relative: String) -> String? {
    relative.isEmpty ? "" : spellings[relative.lowercased()]
  }

  /// The first of some folders that exists, in whatever case it is written.
  public func folder(_ candidates: [String]) -> String? {
    candidates.lazy.compactMap { spelling(of: $0) }.first { hasFolder($0) }
  }

  /// The first of some files that exists, in whatever case it is written.
  public func file(_ candidates: [String]) -> String? {
    candidates.lazy.compactMap { spelling(of: $0) }.first { hasFile($0) }
  }

  /// The files in a folder and below it, or directly in it; their paths from the root.
  public func files(in folder: String, deep: Bool = true) -> ArraySlice<String> {
    let prefix = folder.isEmpty ? "" : folder + "/"
    let slice = folder.isEmpty ? files[...] : Self.range(of: prefix, in: files)
    guard !deep else { return slice }
    return slice.filter { !$0.dropFirst(prefix.count).contains("/") }[...]
  }

  /// The folders directly in a folder; their paths from the root.
  public func folders(in folder: String) -> [String] {
    let prefix = folder.isEmpty ? "" : folder + "/"
    let slice = folder.isEmpty ? folders[...] : Self.range(of: prefix, in: folders)
    return slice.filter { !$0.dropFirst(prefix.count).contains("/") }
  }

  /// The files in a folder and below it with one of some extensions, given in lower case.
  public func files(in folder: String, kinds: Set<String>, deep: Bool = true) -> [String] {
    files(in: folder, deep: deep).filter { kinds.contains(FileName.kind(of: $0)) }
  }

  /// The path that `entry`, written in `file`, stands for, taken from `folder` inside the root, as
  /// a path from the root. Backslashes are taken for slashes where no such name exists.
  ///
  /// Errors: throws `DatasetError` for an absolute path or one that leaves the data folder.
  public func resolve(
    _ entry: String, in folder: String = "", writtenIn file: String
  ) throws -> String {
    if entry.contains("\\") {
      let kept = folder.isEmpty ? entry : "\(folder)/\(entry)"
      if !hasFile(kept) {
        return try resolve(entry.replacing("\\", with: "/"), in: folder, writtenIn: file)
      }
    }
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
    return parts.joined(separator: "/")
  }

  private static func range(of prefix: String, in sorted: [String]) -> ArraySlice<String> {
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < prefix { low = middle + 1 } else { high = middle }
    }
    var end = low
    while end < sorted.count, sorted[end].hasPrefix(prefix) { end += 1 }
    return sorted[low..<end]
  }

  /// What file managers, archives and notebooks leave behind.
  public static func isSideFile(_ name: String) -> Bool {
    name.hasPrefix(".") || name.hasPrefix("$RECYCLE") || name.hasPrefix("@eaDir")
      || ["__MACOSX", "Thumbs.db", "desktop.ini", "__pycache__"].contains(name)
  }

  private static func list(
    _ root: String, _ parent: String, within parents: [String], _ files: inout [String],
    _ folders: inout [String]
  ) throws {
    for (name, isFolder) in try entries(of: parent.isEmpty ? root : "\(root)/\(parent)")
    where !isSideFile(name) {
      let path = parent.isEmpty ? name : "\(parent)/\(name)"
      guard isFolder else {
        files.append(path)
        continue
      }
      guard let identity = FileIdentity("\(root)/\(path)"),
        !parents.contains(identity.text), parents.count < 64
      else { continue }
      folders.append(path)
      try list(root, path, within: parents + [identity.text], &files, &folders)
    }
  }

  /// The names in a folder and whether each is a folder, links followed; links to nothing left out.
  private static func entries(of folder: String) throws -> [(name: String, isFolder: Bool)] {
    guard let stream = opendir(folder) else { throw FileError(path: folder, operation: "list") }
    defer { closedir(stream) }
    var entries: [(String, Bool)] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard name != ".", name != ".." else { continue }
      switch Int32(entry.pointee.d_type) {
      case 8: entries.append((name, false))
      case 4: entries.append((name, true))
      default:
        let path = "\(folder)/\(name)"
        if isFolder(path) {
          entries.append((name, true))
        } else if isFile(path) {
          entries.append((name, false))
        }
      }
    }
    return entries
  }
}

/// The parts of a file's name.
public enum FileName {
  /// The last part of a path.
  public static func last(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
  }

  /// The folder that a path lies in; empty for a name alone.
  public static func parent(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
  }

  /// The extension in lower case; empty where there is none.
  public static func kind(of path: String) -> String {
    let name = last(of: path)
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
    return name[name.index(after: dot)...].lowercased()
  }

  /// The path without its extension.
  public static func withoutKind(_ path: String) -> String {
    guard let dot = path.lastIndex(of: "."), !kind(of: path).isEmpty else { return path }
    return String(path[..<dot])
  }

  /// The last part of a path without its extension.
  public static func stem(of path: String) -> String { withoutKind(last(of: path)) }
}

/// What a file or folder is, whatever path leads to it.
private struct FileIdentity {
  let text: String

  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    text = "\(status.st_dev):\(status.st_ino)"
  }
}
