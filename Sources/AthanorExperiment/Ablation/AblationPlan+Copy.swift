import AthanorCore
import Foundation

extension AblationPlan {
  /// The file name of the copy of the base configuration, beside the copy of the spec.
  package static let baseName = "spec-base.yaml"

  /// The text of the base configuration's file; nil where runs start from the built-in
  /// configuration. Throws `FileError`.
  func baseText() throws -> String? { try base.map { try TextFile.read($0) } }

  /// The spec, with a `config` that names the copy beside it: it repeats the ablation wherever the
  /// two files are.
  ///
  /// Only the line of `config` changes. Where `config` is not on a line of its own, the spec is
  /// rewritten without its comments.
  public var copy: String {
    guard spec.config != nil else { return text }
    var wanted = spec
    wanted.config = Self.baseName
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if let line = document.lines["config"], lines.indices.contains(line - 1) {
      lines[line - 1] = "config: \(Self.baseName)"
      let copy = lines.joined(separator: "\n")
      let settings = try? YAMLDocument(parsing: copy, file: document.file).settings
      if (try? settings?.decoded(as: AblationSpec.self)) == wanted { return copy }
    }
    return (try? Settings(encoding: wanted).yaml) ?? text
  }

  /// Whether the spec was read from this file.
  func wasRead(from path: String) -> Bool {
    func place(_ path: String) -> String {
      URL(fileURLWithPath: path).standardized.resolvingSymlinksInPath().path
    }
    return place(document.file) == place(path)
  }
}
