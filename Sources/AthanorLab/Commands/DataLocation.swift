import AthanorCore
import AthanorData
import Foundation

/// A data set as a command line names it: a folder with its layout, or a configuration.
public struct DataLocation: Sendable {
  public let selection: Selection

  /// - Parameters:
  ///   - path: A folder, or a configuration whose `data` is meant.
  ///   - layout: A name of the registry; nil: guessed from the folder.
  ///   - overrides: Options of the layout.
  ///
  /// Errors: `SettingsError`, `DatasetError` where the layout cannot be guessed.
  public init(_ path: String, layout: String? = nil, overrides: [Override] = []) throws {
    if path.hasSuffix(".yaml") || path.hasSuffix(".yml") {
      selection = try ExperimentConfig(contentsOf: path, overrides: overrides).data
      return
    }
    let name = try layout ?? Self.guessedLayout(of: path)
    var tree = Settings.selection(name: name, options: [.init("path", .string(path))])
    for override in overrides { tree = try override.applied(to: tree) }
    guard case .selection(let chosen, let options) = tree else {
      throw SettingsError(key: "--set", expected: "options of \(name)", received: "another value")
    }
    selection = Selection(chosen, options)
  }

  public func open() throws -> any DataSource { try datasets.make(selection, at: "data") }

  private static func guessedLayout(of path: String) throws -> String {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: path)
    } catch {
      throw FileError(
        path: path, operation: "read",
        reason: FileManager.default.fileExists(atPath: path)
          ? "not a folder" : "No such file or directory")
    }
    let known = Set(names)
    func has(_ all: String...) -> Bool { known.isSuperset(of: all) }
    if has("JPEGImages") { return "voc" }
    if has("train", "trainannot") { return "camvid" }
    if has("images", "labels") { return "yolo" }
    if has("images", "masks") { return "folder" }
    if has("annotations") || names.contains(where: { $0.hasSuffix("coco.json") }) { return "coco" }
    if names.contains(where: { $0.hasSuffix(".json") }) { return "labelme" }
    throw DatasetError(
      path: path,
      expected: "a layout that shows from its folders; else name it by --layout ("
        + datasets.names.joined(separator: ", ") + ")",
      received: names.isEmpty ? "an empty folder" : names.sorted().prefix(6).joined(separator: ", ")
    )
  }
}
