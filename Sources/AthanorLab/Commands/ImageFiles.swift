import AthanorCore
import Foundation

/// The images that a command line names.
enum ImageFiles {
  static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && isFolder.boolValue
  }

  /// The names of the JPEG and PNG files directly in a folder, sorted.
  static func names(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted().filter(isImage)
  }

  /// The paths of the JPEG and PNG files in a folder and its subfolders, from it on, sorted.
  ///
  /// A link to a folder is not followed, so no loop is. The folder `excluded`, where it is one of
  /// the subfolders, is left out: what an earlier run wrote there is no input of the next.
  ///
  /// Errors: `FileError` where a folder cannot be listed.
  static func paths(below folder: String, except excluded: String) throws -> [String] {
    var output = stat()
    let hasOutput = stat(excluded, &output) == 0
    var paths: [String] = []
    var pending = [""]
    while let parent = pending.popLast() {
      let names: [String]
      do {
        names = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(parent)")
      } catch {
        throw FileError(
          path: "\(folder)/\(parent)", operation: "list", reason: error.localizedDescription)
      }
      for name in names {
        var status = stat()
        guard lstat("\(folder)/\(parent)\(name)", &status) == 0 else { continue }
        if status.st_mode & S_IFMT != S_IFDIR {
          if isImage(name) { paths.append(parent + name) }
        } else if !hasOutput || (status.st_dev, status.st_ino) != (output.st_dev, output.st_ino) {
          pending.append("\(parent)\(name)/")
        }
      }
    }
    return paths.sorted()
  }

  /// `paths` without their extensions, each kept whole where it would meet another so.
  static func stems(_ paths: [String]) -> [String] {
    let stems = paths.map { ($0 as NSString).deletingPathExtension }
    let taken = Dictionary(grouping: stems + paths) { $0 }
    return zip(paths, stems).map { taken[$1]!.count == 1 ? $1 : $0 }
  }

  private static func isImage(_ name: String) -> Bool {
    ["jpg", "jpeg", "png"].contains((name as NSString).pathExtension.lowercased())
  }
}
