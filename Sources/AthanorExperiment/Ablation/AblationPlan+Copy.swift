import AthanorCore
import Foundation

extension AblationPlan {
  /// What the copy of the base configuration is called, beside that of the spec.
  package static let baseName = "spec-base.yaml"

  /// The base configuration as it is written; nil where runs start from the built-in one. Throws
  /// `FileError`.
  func baseText() throws -> String? { try base.map { try TextFile.read($0) } }

  /// The spec, its `config` naming the copy beside it: what repeats the ablation wherever the two
  /// lie.
  ///
  /// Only the line of `config` is another. Where that is no line of its own the spec is written
  /// anew, without its comments.
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

  /// Whether the spec is this file.
  func wasRead(from path: String) -> Bool {
    func place(_ path: String) -> String {
      URL(fileURLWithPath: path).standardized.resolvingSymlinksInPath().path
    }
    return place(document.file) == place(path)
  }
}
