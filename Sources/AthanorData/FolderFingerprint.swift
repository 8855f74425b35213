import AthanorCore
import Foundation

/// The hidden folder in a data set for what has been derived from it.
public let derivedFolder = ".athanor"

/// Sixteen digits that change when a file anywhere in `folder` is added, removed, renamed
/// or written.
///
/// The `Fingerprint` of every file's path, size and times of last modification and change, links
/// followed; no file is read. The files in `derivedFolder` are left out.
/// Errors: throws `FileError` for a folder that cannot be listed.
public func fingerprint(of folder: String) throws -> String {
  var lines: [String] = []
  try list(folder, "", within: [], into: &lines)
  return Fingerprint(lines.sorted().joined(separator: "\n").utf8).digits
}

/// Adds a line for each file below `root/path`; a link back to one of the `parents` is
/// not followed.
private func list(
  _ root: String, _ path: String, within parents: [String], into lines: inout [String]
) throws {
  let names: [String]
  do {
    names = try FileManager.default.contentsOfDirectory(atPath: root + path)
  } catch {
    throw FileError(path: root + path, operation: "list", reason: error.localizedDescription)
  }
  for name in names where name != derivedFolder {
    let entry = "\(path)/\(name)"
    var status = stat()
    // A dangling link is not a file.
    guard stat(root + entry, &status) == 0 else { continue }
    let identity = "\(status.st_dev):\(status.st_ino)"
    if status.st_mode & S_IFMT != S_IFDIR {
      lines.append("\(entry) \(status.st_size) \(status.times)")
    } else if !parents.contains(identity) {
      try list(root, entry, within: parents + [identity], into: &lines)
    }
  }
}

extension stat {
  /// When the contents and when anything at all of the file changed, to the nanosecond.
  fileprivate var times: String {
    #if canImport(Glibc)
      let (modified, changed) = (st_mtim, st_ctim)
    #else
      let (modified, changed) = (st_mtimespec, st_ctimespec)
    #endif
    return "\(modified.tv_sec).\(modified.tv_nsec) \(changed.tv_sec).\(changed.tv_nsec)"
  }
}
