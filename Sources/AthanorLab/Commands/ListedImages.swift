import AthanorCore
import AthanorData
import AthanorVision
import Foundation

/// The images that a command line names, each once, and what to call each of them.
struct ListedImages {
  /// Their paths, in the order of the arguments.
  private(set) var paths: [String] = []
  /// Names that tell them apart: stems, with as many folders before them as that takes.
  private(set) var names: [String] = []
  /// How many files of kinds that are not read were left out of folders, by extension.
  private(set) var leftOut: [String: Int] = [:]

  /// Lists files, and folders with those below them, as `DataTree` lists data sets.
  ///
  /// - Parameter output: A folder that may lie in one of them and is no part of it.
  ///
  /// Errors: throws where a folder cannot be listed, and `FileError` where there is no image at
  /// all.
  init(_ arguments: [String], except output: String) throws {
    let excluded = Self.resolved(output) + "/"
    var seen: Set<String> = []
    for argument in arguments {
      guard DataTree.isFolder(argument) else {
        if seen.insert(Self.resolved(argument)).inserted { paths.append(argument) }
        continue
      }
      let tree = try DataTree(argument)
      for file in tree.files {
        let kind = FileName.kind(of: file)
        let path = tree.path(file)
        if ImageKind.knownButNotRead.contains(kind) { leftOut[kind, default: 0] += 1 }
        guard ImageKind.allExtensions.contains(kind) else { continue }
        let resolved = Self.resolved(path)
        guard !resolved.hasPrefix(excluded) else { continue }
        if seen.insert(resolved).inserted { paths.append(path) }
      }
    }
    guard !paths.isEmpty else {
      throw FileError(
        path: arguments.joined(separator: ", "), operation: "read",
        reason: "no image (\(ImageKind.words)) in it" + (warning.map { ", but \($0)" } ?? ""))
    }
    names = Self.names(of: paths)
  }

  /// What was left out, in words; nil for nothing.
  var warning: String? {
    guard !leftOut.isEmpty else { return nil }
    let kinds = leftOut.sorted { $0.key < $1.key }.map { "\($0.value) .\($0.key)" }
    return "\(kinds.joined(separator: ", ")) of kinds that are not read"
  }

  /// The path that every path to a file leads to.
  static func resolved(_ path: String) -> String {
    URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
  }

  /// `x` for one image of that stem; `a_x` and `b_x` for `a/x.jpg` and `b/x.jpg`; `x.jpg` and
  /// `x.png` where the folders do not differ.
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
      let alike = paths.indices.filter { counts[names[$0]]! > 1 && depths[$0] < parts[$0].count }
      if alike.isEmpty {
        return names.enumerated().map { counts[$1]! > 1 ? "\($1)_\($0 + 1)" : $1 }
      }
      for i in alike { depths[i] += 1 }
    }
  }
}
