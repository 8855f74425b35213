/// A tree of settings: the content of a configuration file, or an encoded `Options` type.
///
/// Maps keep the order in which keys were written, so a printed configuration reads like the type
/// that declared it.
public enum Settings: Equatable, Sendable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case list([Settings])
  case map([Entry])
  /// A map whose keys are names chosen by the user: merging replaces it as a whole.
  case dictionary([Entry])
  /// A selection from a registry by name, with options.
  case selection(name: String, options: [Entry])

  /// One key of a map and its value.
  public struct Entry: Equatable, Sendable {
    public var key: String
    public var value: Settings

    public init(_ key: String, _ value: Settings) {
      self.key = key
      self.value = value
    }
  }
}

/// A name from a registry, and options for it: in YAML `focal`, or
/// `{name: focal, gamma: 3}`.
public struct Selection: Equatable, Sendable {
  public var name: String
  /// The options that were given; those left out take the defaults of the registered type.
  public var options: [Settings.Entry]

  public init(_ name: String, _ options: [Settings.Entry] = []) {
    self.name = name
    self.options = options
  }
}

extension Settings {
  /// A selection as a tree.
  public init(_ selection: Selection) {
    self = .selection(name: selection.name, options: selection.options)
  }
}

/// A setting that cannot be used: its key path, what was expected and what was received.
public struct SettingsError: Error, Equatable, CustomStringConvertible {
  /// The file the setting came from, if it came from one.
  public var file: String?
  /// The dotted path of the key, for example `optimizer.learning_rate`.
  public var key: String
  public var expected: String
  public var received: String
  /// The known name nearest to a mistyped one.
  public var suggestion: String?

  public init(
    file: String? = nil, key: String, expected: String, received: String, suggestion: String? = nil
  ) {
    self.file = file
    self.key = key
    self.expected = expected
    self.received = received
    self.suggestion = suggestion
  }

  public var description: String {
    let place = (file.map { "\($0): " } ?? "") + (key.isEmpty ? "" : "\(key): ")
    let hint = suggestion.map { " (did you mean '\($0)'?)" } ?? ""
    return "\(place)expected \(expected), received \(received)\(hint)"
  }
}
