import AthanorCore
import AthanorTasks

extension ExperimentConfig {
  /// Reads the configuration from a YAML file, or takes `builtIn`, and applies `--set` overrides.
  ///
  /// Errors: `FileError`, `YAMLError`, and `SettingsError` with file, line and key.
  public init(contentsOf path: String?, overrides: [Override] = []) throws {
    var settings = try Settings(encoding: ExperimentConfig.builtIn)
    if let path {
      let document = try YAMLDocument(contentsOf: path)
      try document.locating { try EarlierLosses.refuse(in: document.settings) }
      // Decoded before the overrides, so that an error is attributed to the file and not to an
      // override.
      settings = try document.locating {
        try Settings(encoding: document.settings.decoded(as: ExperimentConfig.self))
      }
    }
    self = try settings.decoded(as: ExperimentConfig.self).applying(overrides)
  }

  /// The configuration with `--set` overrides applied, checked.
  ///
  /// Errors: throws `SettingsError` naming the override and the key.
  func applying(_ overrides: [Override]) throws -> ExperimentConfig {
    var settings = try Settings(encoding: self)
    for override in overrides {
      try EarlierLosses.refuse(path: override.path, from: override.origin)
      settings = try override.applied(to: settings)
      do {
        settings = try Settings(encoding: settings.decoded(as: ExperimentConfig.self))
      } catch var error as SettingsError {
        error.file = override.origin
        throw error
      }
    }
    let config = try settings.decoded(as: ExperimentConfig.self)
    try config.check()
    return config
  }

  /// Reads the configuration from YAML text; `name` is its file name in messages.
  public init(yaml: String, name: String) throws {
    let document = try YAMLDocument(parsing: yaml, file: name)
    try document.locating { try EarlierLosses.refuse(in: document.settings) }
    self = try document.locating { try document.settings.decoded(as: ExperimentConfig.self) }
    try check()
  }

  /// Checks constraints between keys; single options are checked where they are used.
  func check() throws {
    guard tasks.count > 0 else {
      throw SettingsError(key: "tasks", expected: "at least one task", received: "none")
    }
    for name in training.bestBy.keys.sorted() where !tasks.names.contains(name) {
      throw SettingsError(
        key: "training.best_by.\(name)",
        expected: "a task of the run (\(tasks.names.joined(separator: ", ")))",
        received: "'\(name)'", suggestion: nearestName(to: name, among: tasks.names))
    }
    guard tasks.names.contains(where: { training.bestBy[$0] != 0 }) else {
      throw SettingsError(
        key: "training.best_by", expected: "a weight above 0 for a task of the run",
        received: "0 for \(tasks.names.joined(separator: ", "))")
    }
    try input.validate(at: "input")
    if let threads { try requireRange(threadCounts, threads, "threads") }
    try training.validate(at: "training")
  }

  /// The configuration as YAML, every option written out; reading it gives the same configuration.
  public func yaml() throws -> String { try Settings(encoding: self).yaml }
}
