import AthanorCore
import AthanorData

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
    let start =
      try layout.map { Selection($0, [.init("path", .string(path))]) }
      ?? recogniseLayout(of: path)
    var tree = Settings.selection(name: start.name, options: start.options)
    for override in overrides { tree = try override.applied(to: tree) }
    guard case .selection(let chosen, let options) = tree else {
      throw SettingsError(
        key: "--set", expected: "options of \(start.name)", received: "another value")
    }
    selection = Selection(chosen, options)
  }

  public func open() throws -> any DataSource { try datasets.make(selection, at: "data") }
}
