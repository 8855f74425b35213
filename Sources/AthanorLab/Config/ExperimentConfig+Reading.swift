import AthanorCore

extension ExperimentConfig {
  /// The configuration in a YAML file, or the default one, with `--set` overrides on top.
  ///
  /// Errors: `FileError`, `YAMLError`, and `SettingsError` with file, line and key.
  public init(contentsOf path: String?, overrides: [String] = []) throws {
    var settings = try Settings(encoding: ExperimentConfig())
    if let path {
      let document = try YAMLDocument(contentsOf: path)
      // Decoded at once, so that an error is blamed on the file and not on an override.
      settings = try document.locating {
        try Settings(encoding: document.settings.decoded(as: ExperimentConfig.self))
      }
    }
    for text in overrides {
      let override = try Override(text)
      settings = try override.applied(to: settings)
      do {
        settings = try Settings(encoding: settings.decoded(as: ExperimentConfig.self))
      } catch var error as SettingsError {
        error.file = "--set \(text)"
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
    for (key, size) in [("input.width", input.width), ("input.height", input.height)] {
      guard size > 0, size % 32 == 0 else {
        throw SettingsError(key: key, expected: "a multiple of 32", received: "\(size)")
      }
    }
    for (key, values) in [("input.mean", input.mean), ("input.std", input.std)] {
      guard values.count == 3 else {
        throw SettingsError(
          key: key, expected: "three numbers, for R, G and B", received: "\(values.count)")
      }
    }
    guard input.std.allSatisfy({ $0 > 0 }) else {
      throw SettingsError(key: "input.std", expected: "positive numbers", received: "\(input.std)")
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
    guard !data.sources.isEmpty else {
      throw SettingsError(key: "data", expected: "at least one source", received: "an empty list")
    }
  }

  /// The configuration as YAML, every option written out; reading it gives the same configuration.
  public func yaml() throws -> String { try Settings(encoding: self).yaml }
}
