import AthanorCore
import AthanorData
import AthanorVision
import Foundation

/// The images named on a command line, each once, with a distinct name for each.
package struct ListedImages {
  /// The paths of the images, in the order of the arguments.
  private(set) var paths: [String] = []
  /// Distinct names: stems, preceded by as many folders as necessary.
  private(set) var names: [String] = []
  /// Warnings about files of folders that were left out.
  let warnings = WarningLog()

  /// Lists the given files, and the images in the given folders and their subfolders, as `DataTree`
  /// lists data sets.
  ///
  /// - Parameter output: A folder that is excluded, even where it is inside one of the given
  ///   folders.
  ///
  /// Errors: throws where a folder cannot be listed, and `FileError` where there is no image.
  init(_ arguments: [String], except output: String) throws {
    var seen: Set<String> = []
    for argument in arguments {
      var found = [argument]
      if DataTree.isFolder(argument) {
        let tree = try DataTree(argument)
        found = Self.images(in: tree, except: output, warnings).map(tree.path)
      }
      for path in found where seen.insert(Self.resolved(path)).inserted { paths.append(path) }
    }
    guard !paths.isEmpty else {
      let others = warnings.all.map { ", but \($0)" }.joined()
      throw FileError(
        path: arguments.joined(separator: ", "), operation: "read",
        reason: "no image (\(ImageKind.words)) in it\(others)")
    }
    names = Self.names(of: paths)
  }

  /// The images of a folder, relative to it, without those below the folder `output`: what an
  /// earlier run wrote there is not an input of the next. Files of unsupported kinds are counted.
  package static func images(
    in tree: DataTree, except output: String, _ warnings: WarningLog
  ) -> [String] {
    let (root, excluded) = (resolved(tree.root) + "/", resolved(output) + "/")
    let below = excluded.hasPrefix(root) && excluded != root ? excluded.dropFirst(root.count) : nil
    tree.noteLeftOut(warnings)
    return tree.files.filter { path in
      let kind = FileName.kind(of: path)
      if ImageKind.knownButNotRead.contains(kind) {
        warnings.note("image of a kind that is not read left out (.\(kind))", in: path)
      }
      return ImageKind.allExtensions.contains(kind) && below.map { path.hasPrefix($0) } != true
    }
  }

  /// The path with all symbolic links resolved.
  static func resolved(_ path: String) -> String {
    URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
  }

  /// `x` for the only image of that stem; `a_x` and `b_x` for `a/x.jpg` and `b/x.jpg`; `x.jpg` and
  /// `x.png` where the folders are the same; with a number appended where joined folders still give
  /// equal names, as for `a/b/x.png` and `a_b/x.png`.
  static func names(of paths: [String]) -> [String] {
    let parts = paths.map { path in
      URL(fileURLWithPath: path).standardizedFileURL.path.split(separator: "/").map(String.init)
    }
    var depths = [Int](repeating: 0, count: paths.count)
    let stems = parts.map { FileName.withoutKind($0.joined(separator: "/")) }
    let shared = Dictionary(stems.map { ($0, 1) }, uniquingKeysWith: +)
    func name(_ i: Int) -> String {
      let last = parts[i].last ?? ""
      // Only the extension distinguishes these, whatever folder they are in.
      let end = shared[stems[i]]! > 1 ? last : FileName.withoutKind(last)
      return (parts[i].dropLast().suffix(depths[i]) + [end]).joined(separator: "_")
    }
    while true {
      let names = paths.indices.map(name)
      let counts = Dictionary(names.map { ($0, 1) }, uniquingKeysWith: +)
      let alike = paths.indices.filter { counts[names[$0]]! > 1 }
      // Three folders suffice: a fourth adds little, and names should not contain folders of the
      // machine.
      if alike.allSatisfy({ depths[$0] >= min(3, parts[$0].count - 1) }) {
        return names.enumerated().map { counts[$1]! > 1 ? "\($1)_\($0 + 1)" : $1 }
      }
      for i in alike where depths[i] < min(3, parts[i].count - 1) { depths[i] += 1 }
    }
  }
}
