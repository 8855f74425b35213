import AthanorCore
import AthanorData
import AthanorVision
import Foundation

/// The images that a command line names, each once, and what to call each of them.
package struct ListedImages {
  /// Their paths, in the order of the arguments.
  private(set) var paths: [String] = []
  /// Names that tell them apart: stems, with as many folders before them as that takes.
  private(set) var names: [String] = []
  /// What was left out of folders.
  let warnings = WarningLog()

  /// Lists files, and folders with those below them, as `DataTree` lists data sets.
  ///
  /// - Parameter output: A folder that may lie in one of them and is no part of it.
  ///
  /// Errors: throws where a folder cannot be listed, and `FileError` where there is no image at
  /// all.
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

  /// The images of a folder, from it, but those below the folder `output` in it: what an earlier
  /// run wrote there is no input of the next. Files of kinds that are not read are counted.
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

  /// The path that every path to a file leads to.
  static func resolved(_ path: String) -> String {
    URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
  }

  /// `x` for one image of that stem; `a_x` and `b_x` for `a/x.jpg` and `b/x.jpg`; `x.jpg` and
  /// `x.png` where the folders do not differ; a number behind the name where joined folders still
  /// read alike, as those of `a/b/x.png` and `a_b/x.png`.
  static func names(of paths: [String]) -> [String] {
    let parts = paths.map { path in
      URL(fileURLWithPath: path).standardizedFileURL.path.split(separator: "/").map(String.init)
    }
    var depths = [Int](repeating: 0, count: paths.count)
    let stems = parts.map { FileName.withoutKind($0.joined(separator: "/")) }
    let shared = Dictionary(stems.map { ($0, 1) }, uniquingKeysWith: +)
    func name(_ i: Int) -> String {
      let last = parts[i].last ?? ""
      // Only the extension tells these apart, whatever folder they lie in.
      let end = shared[stems[i]]! > 1 ? last : FileName.withoutKind(last)
      return (parts[i].dropLast().suffix(depths[i]) + [end]).joined(separator: "_")
    }
    while true {
      let names = paths.indices.map(name)
      let counts = Dictionary(names.map { ($0, 1) }, uniquingKeysWith: +)
      let alike = paths.indices.filter { counts[names[$0]]! > 1 }
      // Three folders say more than a fourth; and none tells of the machine.
      if alike.allSatisfy({ depths[$0] >= min(3, parts[$0].count - 1) }) {
        return names.enumerated().map { counts[$1]! > 1 ? "\($1)_\($0 + 1)" : $1 }
      }
      for i in alike where depths[i] < min(3, parts[i].count - 1) { depths[i] += 1 }
    }
  }
}
