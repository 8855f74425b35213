import AthanorCore

extension ExperimentConfig {
  /// The configuration in a YAML file, or the default one, with `--set` overrides on top.
  ///
  /// Errors: `FileError`, `YAMLError`, and `SettingsError` with file, line and key.
  public init(contentsOf path: String?, overrides: [Override] = []) throws {
    var settings = try Settings(encoding: ExperimentConfig())
    if let path {
      let document = try YAMLDocument(contentsOf: path)
      // Decoded at once, so that an error is blamed on the file and not on an override.
      settings = try document.locating {
        try Settings(encoding: document.settings.decoded(as: ExperimentConfig.self))
      }
    }
    for override in overrides {
      settings = try override.applied(to: settings)
      do {
        settings = try Settings(encoding: settings.decoded(as: ExperimentConfig.self))
      } catch var error as SettingsError {
        error.file = "--set \(override.text)"
        throw error
      }
    }
    self = try settings.decoded(as: ExperimentConfig.self)
    try check()
  }

  /// Checks what concerns more than one key; single options are checked where they are used.
  private func check() throws {
    guard !tasks.isEmpty, Set(tasks).count == tasks.count else {
      throw SettingsError(
        key: "tasks", expected: "each of segmentation, detection at most once, and one of them",
        received: "[\(tasks.map(\.rawValue).joined(separator: ", "))]")
    }
    do {
      try input.format.validate(at: "input")
    } catch var error as SettingsError {
      error.key = error.key.replacing("input.deviation", with: "input.std")
      throw error
    }
    for (key, value, least) in [
      ("training.epochs", training.epochs, 1), ("training.batch_size", training.batchSize, 1),
      ("training.accumulation", training.accumulation, 1), ("training.warmup", training.warmup, 0),
      ("training.evaluate_every", training.evaluateEvery, 1),
      ("training.checkpoint_every", training.checkpointEvery, 1),
      ("training.record_gradients_every", training.recordGradientsEvery, 0),
      ("threads", threads ?? 1, 1),
    ] where value < least {
      throw SettingsError(key: key, expected: "\(least) or more", received: "\(value)")
    }
    if let clip = training.clipNorm, clip <= 0 {
      throw SettingsError(
        key: "training.clip_norm", expected: "a positive number or null", received: "\(clip)")
    }
  }

  /// The configuration as YAML, every option written out; reading it gives the same configuration.
  public func yaml() throws -> String { try Settings(encoding: self).yaml }
}
