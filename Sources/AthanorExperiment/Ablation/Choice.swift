import AthanorCore

/// One value for one key of the configuration, and its position in the spec.
struct Choice: Sendable {
  /// The key path in the configuration: `optimizer.learning_rate`.
  let key: String
  let value: Settings
  /// The key path in the spec: `tune.optimizer.learning_rate[1]`.
  let place: String

  init(_ key: String, _ value: Settings, at place: String) {
    self.key = key
    self.value = value
    self.place = place
  }

  /// The configuration with this value. Throws a `SettingsError` whose key is the path in the spec.
  func applied(to config: Settings) throws -> Settings {
    do {
      let tree = try Override(path: key, value: value, text: place).applied(to: config)
      return try Settings(encoding: tree.decoded(as: ExperimentConfig.self))
    } catch var error as SettingsError {
      error.file = nil
      throw blamed(error)
    }
  }

  /// The same error with the path in the spec as its key.
  func blamed(_ error: SettingsError) -> SettingsError {
    var error = error
    error.key = decides(error.key) ? place + error.key.dropFirst(key.count) : place
    return error
  }

  /// Whether `other` is this key or below it.
  func decides(_ other: String) -> Bool {
    other == key || other.hasPrefix("\(key).") || other.hasPrefix("\(key)[")
  }

  // MARK: - In words

  /// The value in words: `uncertainty (form liebel)`, `0.003`.
  var words: String { Self.words(value) }

  private static func words(_ value: Settings) -> String {
    switch value {
    case .map(let entries):
      let name = entries.first { $0.key == "name" }.map { words($0.value) }
      let options = entries.filter { $0.key != "name" }.map { option in
        if case .map = option.value { return words(option.value) }
        return "\(option.key) \(words(option.value))"
      }.joined(separator: ", ")
      guard let name else { return options }
      return options.isEmpty ? name : "\(name) (\(options))"
    case .list(let items): return items.map(words).joined(separator: "+")
    case .number(let value): return Int(exactly: value).map(String.init) ?? "\(value)"
    case .string(let text): return text
    default: return YAMLScalar.text(of: value) ?? ""
    }
  }

  /// Whether the value is clear without its key: a name, with or without options.
  var isName: Bool {
    switch value {
    case .string: true
    case .map(let entries): entries.contains { $0.key == "name" }
    default: false
    }
  }
}

extension [Choice] {
  /// Runs `body`; a `SettingsError` from it is attributed to the last choice that decides its key,
  /// or else to `file`, the file of the base configuration.
  func blamed<Result>(else file: String?, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch var error as SettingsError where error.file == nil {
      if let choice = last(where: { $0.decides(error.key) }) { throw choice.blamed(error) }
      error.file = file
      throw error
    }
  }
}

extension String {
  /// The text in a form that file names allow: letters, digits and `.+-_`.
  var slug: String {
    let kept = map {
      ($0.isASCII && ($0.isLetter || $0.isNumber)) || ".+_-".contains($0) ? $0 : "-"
    }
    return String(kept).split(separator: "-").joined(separator: "-")
  }
}
