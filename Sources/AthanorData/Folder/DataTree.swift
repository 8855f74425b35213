import AthanorCore
import AthanorVision
import Foundation

/// The files of a data folder at the time it was listed.
///
/// Subfolders are entered, links followed but never in a cycle. Files that file managers, archives
/// and notebooks leave behind are not part of a data set: hidden files and folders, `__MACOSX`,
/// `Thumbs.db`, `desktop.ini`. Paths are relative to the root, with `/`, sorted. Names compare by
/// their characters, whatever their Unicode normal form.
public struct DataTree: Sendable {
  /// The folder, without a `/` at its end.
  public let root: String
  /// Every file, sorted.
  public let files: [String]
  /// Every folder below the root, sorted.
  public let folders: [String]
  /// Files and folders that cannot be entered or named.
  private let leftOut: [(kind: String, path: String)]
  private let fileSet: Set<String>
  private let folderSet: Set<String>
  /// Spellings by lowercased path; nil where several differ only in case.
  private let spellings: [String: String?]

  /// Lists a folder.
  ///
  /// Errors: throws `ContentError` when `path` is empty or no folder, `FileError` where a folder
  /// cannot be listed.
  public init(_ path: String, key: String = "path") throws {
    guard !path.isEmpty else {
      throw ContentError(
        path: "(data set)", expected: "the option '\(key)' to name a folder", received: "nothing")
    }
    var trimmed = path
    while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
    guard Self.isFolder(trimmed) else {
      throw ContentError(
        path: trimmed, expected: "a folder",
        received: FileManager.default.fileExists(atPath: trimmed) ? "a file" : "nothing there")
    }
    var listing = Listing(root: trimmed)
    try listing.list("", within: FileIdentity(trimmed).map { [$0.text] } ?? [])
    root = trimmed
    files = listing.files.sorted(by: Self.precedes)
    folders = listing.folders.sorted(by: Self.precedes)
    leftOut = listing.leftOut
    fileSet = Set(files)
    folderSet = Set(folders)
    spellings = Dictionary(
      (files + folders).map { ($0.lowercased(), .some($0)) }, uniquingKeysWith: { _, _ in nil })
    guard fileSet.count == files.count else {
      var seen = Set<String>()
      let twice = files.first { !seen.insert($0).inserted }!
      throw ContentError(
        path: trimmed, expected: "names that differ in more than their Unicode form",
        received: "'\(twice)' twice, composed and decomposed")
    }
  }

  /// Of bytes, which no combining mark at the start of a name changes.
  private static func precedes(_ a: String, _ b: String) -> Bool {
    let order = a.utf8.withContiguousStorageIfAvailable { a in
      b.utf8.withContiguousStorageIfAvailable { b in
        let order = memcmp(a.baseAddress!, b.baseAddress!, min(a.count, b.count))
        return order == 0 ? a.count - b.count : Int(order)
      }
    }
    return order.flatMap { $0 }.map { $0 < 0 } ?? a.utf8.lexicographicallyPrecedes(b.utf8)
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

  /// Adds warnings for what could not be listed.
  public func noteLeftOut(_ warnings: WarningLog) {
    for (kind, path) in leftOut { warnings.note(kind, in: path) }
  }

  /// The file of exactly this path, in the Unicode form that it has on disk.
  public func file(at relative: String) -> String? {
    fileSet.firstIndex(of: relative).map { fileSet[$0] }
  }

  public func hasFile(_ relative: String) -> Bool { fileSet.contains(relative) }

  public func hasFolder(_ relative: String) -> Bool {
    relative.isEmpty || folderSet.contains(relative)
  }

  /// The file or folder of this path as it is spelled on disk: in this case, or in another one
  /// where only one such exists.
  public func spelling(of relative: String) -> String? {
    if relative.isEmpty { return "" }
    if let place = fileSet.firstIndex(of: relative) { return fileSet[place] }
    if let place = folderSet.firstIndex(of: relative) { return folderSet[place] }
    return spellings[relative.lowercased()] ?? nil
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
    return slice.filter { !$0.utf8.dropFirst(prefix.utf8.count).contains(Self.slash) }[...]
  }

  /// The folders directly in a folder; their paths from the root.
  public func folders(in folder: String) -> [String] {
    let prefix = folder.isEmpty ? "" : folder + "/"
    let slice = folder.isEmpty ? folders[...] : Self.range(of: prefix, in: folders)
    return slice.filter { !$0.utf8.dropFirst(prefix.utf8.count).contains(Self.slash) }
  }

  private static let slash = UInt8(ascii: "/")

  /// The files in a folder and below it with one of some extensions, given in lower case.
  public func files(in folder: String, kinds: Set<String>, deep: Bool = true) -> [String] {
    files(in: folder, deep: deep).filter { kinds.contains(FileName.kind(of: $0)) }
  }

  /// Files by their path below a folder, without extension.
  func stems(in folder: String, kinds: [String]) -> [String: String] {
    let prefix = folder.isEmpty ? 0 : folder.utf8.count + 1
    var found: [String: String] = [:]
    for kind in kinds.reversed() {
      for path in files(in: folder, kinds: [kind]) {
        found[FileName.withoutKind(String(Substring(path.utf8.dropFirst(prefix))))] = path
      }
    }
    return found
  }

  /// The path from the root of `entry`, an entry in `file` that is relative to `folder`.
  /// Backslashes are read as slashes where no such name exists.
  ///
  /// Errors: throws `ContentError` for an absolute path or one that leaves the data folder.
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
    let outside = ContentError(
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
      if precedes(sorted[middle], prefix) { low = middle + 1 } else { high = middle }
    }
    var end = low
    while end < sorted.count, sorted[end].utf8.starts(with: prefix.utf8) { end += 1 }
    return sorted[low..<end]
  }

  /// Names that file managers, archives and notebooks leave behind.
  public static func isSideFile(_ name: String) -> Bool {
    name.hasPrefix(".") || name.hasPrefix("$RECYCLE") || name.hasPrefix("@eaDir")
      || ["__MACOSX", "Thumbs.db", "desktop.ini", "__pycache__"].contains(name)
  }

  /// The files below a folder.
  private struct Listing {
    let root: String
    var files: [String] = []
    var folders: [String] = []
    var leftOut: [(kind: String, path: String)] = []

    mutating func list(_ parent: String, within parents: [String]) throws {
      let folder = parent.isEmpty ? root : "\(root)/\(parent)"
      guard let stream = opendir(folder) else { throw FileError(path: folder, operation: "list") }
      defer { closedir(stream) }
      while let entry = readdir(stream) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
          String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        guard name != ".", name != "..", !isSideFile(name) else { continue }
        let path = parent.isEmpty ? name : "\(parent)/\(name)"
        if name.unicodeScalars.contains("\u{FFFD}") {
          leftOut.append(("file left out whose name is not UTF-8", path))
          continue
        }
        switch FileIdentity.Kind(entry.pointee.d_type, "\(root)/\(path)") {
        case .file: files.append(path)
        case .folder:
          // Links are followed, but never in a cycle.
          guard let identity = FileIdentity("\(root)/\(path)"), parents.count < 64,
            !parents.contains(identity.text)
          else { continue }
          folders.append(path)
          try list(path, within: parents + [identity.text])
        case .other: leftOut.append(("left out, neither file nor folder", path))
        case .nothing: leftOut.append(("link left out that leads nowhere", path))
        }
      }
    }
  }
}

/// The parts of a file's name.
public enum FileName {
  /// The last part of a path.
  public static func last(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
  }

  /// The folder of a path; empty for a name alone.
  public static func parent(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
  }

  /// The extension in lower case; empty where there is none.
  public static func kind(of path: String) -> String {
    let name = last(of: path)
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
    return name[name.index(after: dot)...].lowercased()
  }

  /// Whether one path ends with the other: `a/b` with `b`, every path with the empty one.
  static func areNested(_ a: String, _ b: String) -> Bool {
    let (short, long) = a.count < b.count ? (a, b) : (b, a)
    return short.isEmpty || short == long || long.hasSuffix("/" + short)
  }

  /// The path without its extension.
  public static func withoutKind(_ path: String) -> String {
    guard let dot = path.lastIndex(of: "."), !kind(of: path).isEmpty else { return path }
    return String(path[..<dot])
  }

  /// The last part of a path without its extension.
  public static func stem(of path: String) -> String { withoutKind(last(of: path)) }
}

/// The identity of a file or folder, whatever path leads to it.
private struct FileIdentity {
  enum Kind {
    case file, folder, other, nothing

    /// Of an entry in a folder; links are followed.
    init(_ type: UInt8, _ path: String) {
      switch Int32(type) {
      case 8: self = .file
      case 4: self = .folder
      default:
        var status = stat()
        guard stat(path, &status) == 0 else {
          self = .nothing
          return
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: self = .file
        case S_IFDIR: self = .folder
        default: self = .other
        }
      }
    }
  }

  let text: String

  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    text = "\(status.st_dev):\(status.st_ino)"
  }
}
