import AthanorCore
import AthanorData

/// A data set as named on a command line: a folder with its layout, or a configuration.
public struct DataLocation: Sendable {
  public let selection: Selection
  private let path: String

  /// - Parameters:
  ///   - path: A folder, or a configuration whose `data` is used.
  ///   - layout: A name of the registry; nil: detected from the folder.
  ///   - overrides: Options of the layout.
  ///
  /// Errors: `SettingsError`, `ContentError` where the layout cannot be detected.
  public init(_ path: String, layout: String? = nil, overrides: [Override] = []) throws {
    self.path = path
    if path.hasSuffix(".yaml") || path.hasSuffix(".yml") {
      selection = try ExperimentConfig(contentsOf: path, overrides: overrides).data
      return
    }
    let start =
      try layout.map { Selection($0, [.init("path", .string(path))]) }
      ?? recogniseLayout(of: path)
    var tree = Settings.selection(name: start.name, options: start.options)
    for override in overrides { tree = try override.applied(to: tree) }
    guard case .selection(let chosen, let options) = tree else {
      throw SettingsError(
        key: start.name, expected: "options", received: "another value")
    }
    selection = Selection(chosen, options)
  }

  public func open() throws -> any DataSource { try datasets.make(selection, at: "data") }

  /// The title of a page about it: the last component of its path.
  package var title: String {
    let name = FileName.last(of: path.hasSuffix("/") ? String(path.dropLast()) : path)
    return name.isEmpty || name == "." ? path : name
  }

  /// Its location and how it is read, as named values.
  package var origin: [(name: String, value: String)] {
    [("data", path), ("layout", selection.name)]
      + selection.options.map { ($0.key, JSON($0.value).compact) }
      + [("athanor", athanorVersion)]
  }
}
