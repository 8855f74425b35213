import AthanorCore
import AthanorTasks

/// A value that replaces one of a configuration, `key.path=value`: the value is YAML, including
/// `[1, 2]` and `{name: focal, gamma: 3}`.
public struct Override: Equatable, Sendable {
  public let path: [String]
  public let value: Settings
  /// The override as it was written.
  public let text: String
  /// Its origin for messages: `--set key.path=value`.
  let origin: String

  /// Errors: throws `SettingsError` where there is no `=`, `YAMLError` where the value is not YAML.
  public init(_ text: String, from option: String = "override") throws {
    self.text = text
    origin = "\(option) \(text)"
    guard let equals = text.firstIndex(of: "="), equals > text.startIndex else {
      throw SettingsError(key: option, expected: "key.path=value", received: "'\(text)'")
    }
    path = text[..<equals].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    let written = String(text[text.index(after: equals)...])
    // Parsed as the value of a key, so that it is read as in a file.
    let document = try YAMLDocument(parsing: "value: \(written)", file: origin)
    guard case .map(let entries) = document.settings, entries.count == 1 else {
      throw SettingsError(key: option, expected: "one value", received: "'\(written)'")
    }
    value = entries[0].value
  }

  /// A value for the key at `path`; `text` represents it in messages.
  init(path: String, value: Settings, text: String) {
    self.path = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    self.value = value
    (self.text, origin) = (text, text)
  }

  /// The tree with this value in it. A path may lead into a list by index (`augmentations.0.p`) and
  /// into the options of a selection (`optimizer.learning_rate`).
  ///
  /// Errors: throws `SettingsError` for a key that does not exist.
  public func applied(to tree: Settings) throws -> Settings {
    if path.count > 2, path[0] == "tasks", case .map(var entries) = tree,
      let index = entries.firstIndex(where: { $0.key == "tasks" })
    {
      entries[index].value = try appliedToTask(in: entries[index].value).settings
      return .map(entries)
    }
    return try put(path[...], into: tree, at: "")
  }

  /// A path below a task's name leads into its selection. Every option is written out first, so
  /// that the path can lead into an option that has its default. Where the type changes, only the
  /// label is kept, since another type has other options.
  private func appliedToTask(in tree: Settings) throws -> NamedSelections {
    var tasks = try tree.decoded(as: NamedSelections.self, at: path[0])
    let (name, rest) = (path[1], path[2...])
    let (key, given) = ("\(path[0]).\(name)", tasks[name] ?? Selection(name))
    if rest == ["type"], case .string(let type) = value {
      tasks[name] = Selection(type, given.options.filter { $0.key == "label" })
      return tasks
    }
    guard rest.first != "name" else {
      throw SettingsError(
        file: origin, key: "\(key).name", expected: "the key \(key).type",
        received: "'name'")
    }
    let written = Settings(try visionTasks.resolved(given, at: key))
    if case .selection(let type, let options) = try put(rest, into: written, at: key) {
      tasks[name] = Selection(type, options)
    }
    return tasks
  }

  private func put(_ rest: ArraySlice<String>, into tree: Settings, at key: String) throws
    -> Settings
  {
    guard let name = rest.first else { return value }
    let place = key.isEmpty ? name : "\(key).\(name)"
    switch tree {
    case .map(var entries):
      guard let index = entries.firstIndex(where: { $0.key == name }) else {
        let names = entries.map(\.key)
        throw SettingsError(
          file: origin, key: place,
          expected: "a known key (\(names.joined(separator: ", ")))", received: "'\(name)'",
          suggestion: nearestName(to: name, among: names))
      }
      entries[index].value = try put(rest.dropFirst(), into: entries[index].value, at: place)
      return .map(entries)
    case .dictionary(var entries):
      let index = entries.firstIndex { $0.key == name }
      if rest.count == 1 {
        if let index { entries.remove(at: index) }
        if value != .null { entries.insert(.init(name, value), at: index ?? entries.count) }
        return .dictionary(entries)
      }
      guard let index else {
        throw SettingsError(
          file: origin, key: place, expected: "a value", received: "a key below it")
      }
      entries[index].value = try put(rest.dropFirst(), into: entries[index].value, at: place)
      return .dictionary(entries)
    case .selection(let selected, var options):
      if name == "name", rest.count == 1, case .string(let other) = value {
        return .selection(name: other, options: [])
      }
      if let index = options.firstIndex(where: { $0.key == name }) {
        options[index].value = try put(rest.dropFirst(), into: options[index].value, at: place)
      } else {
        // The registry, which knows the options, reports those that do not exist.
        let inner = rest.dropFirst().reversed().reduce(value) { .map([.init($1, $0)]) }
        options.append(Settings.Entry(name, inner))
      }
      return .selection(name: selected, options: options)
    case .list(var items):
      guard let index = Int(name), items.indices.contains(index) else {
        throw SettingsError(
          file: origin, key: place,
          expected: items.isEmpty ? "a list with items" : "an index from 0 to \(items.count - 1)",
          received: "'\(name)'")
      }
      items[index] = try put(rest.dropFirst(), into: items[index], at: "\(key)[\(index)]")
      return .list(items)
    case .null:
      return rest.reversed().reduce(value) { .map([.init($1, $0)]) }
    default:
      throw SettingsError(
        file: origin, key: place, expected: "a key with keys below it",
        received: "'\(key)', which has none")
    }
  }
}
