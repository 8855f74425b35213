extension Settings {
  /// This tree with the values of `other` in place of its own; an unknown key is an error.
  ///
  /// Maps merge key by key; lists and selections are replaced whole. An integer is accepted for a
  /// number, anything for a null default (an optional), any key for a dictionary.
  ///
  /// Errors: throws `SettingsError` for an unknown key (with the nearest known one) or for a value
  /// of another kind than the default's.
  public func merged(with other: Settings, at key: String) throws -> Settings {
    try overlaid(with: other, at: key, checkingKinds: true)
  }

  /// As `merged`, but kinds of leaves may differ: for a tree that is then decoded, where the types
  /// decide (an option may be a name or a list of numbers).
  func overlaid(
    with other: Settings, at key: String, checkingKinds: Bool = false
  ) throws -> Settings {
    switch (self, other) {
    case (.null, _), (_, .null): return other
    case (.selection, .list) where !checkingKinds: return other
    case (.selection, _): return try .selection(from: other, at: key)
    case (.dictionary, .map(let entries)): return .dictionary(entries)
    case (.dictionary, .dictionary), (.dictionary, .list): return other
    case (.map(let known), .map(let given)):
      return .map(try Self.overlay(known, given, at: key, checkingKinds: checkingKinds))
    case (.number, .integer(let value)): return .number(Double(value))
    case (.bool, .bool), (.integer, .integer), (.number, .number), (.string, .string),
      (.list, .list):
      return other
    default:
      if checkingKinds { throw mismatch(other, at: key) }
      return other
    }
  }

  private static func overlay(
    _ known: [Entry], _ given: [Entry], at key: String, checkingKinds: Bool
  ) throws -> [Entry] {
    var result = known
    for entry in given {
      let path = key.isEmpty ? entry.key : "\(key).\(entry.key)"
      guard let index = result.firstIndex(where: { $0.key == entry.key }) else {
        let names = known.map(\.key)
        throw SettingsError(
          key: path,
          expected: names.isEmpty
            ? "no options here" : "a known key (\(names.joined(separator: ", ")))",
          received: "'\(entry.key)'", suggestion: nearestName(to: entry.key, among: names))
      }
      result[index].value = try result[index].value.overlaid(
        with: entry.value, at: path, checkingKinds: checkingKinds)
    }
    return result
  }

  private func mismatch(_ other: Settings, at key: String) -> SettingsError {
    SettingsError(key: key, expected: kindInWords, received: other.inWords)
  }

  private static func selection(from tree: Settings, at key: String) throws -> Settings {
    let selection = try tree.asSelection(at: key)
    return .selection(name: selection.name, options: selection.options)
  }

  /// The selection that a name, or a map with the key `name`, describes.
  func asSelection(at key: String) throws -> Selection {
    switch self {
    case .selection(let name, let options): return Selection(name, options)
    case .string(let name): return Selection(name)
    case .map(var entries):
      if let index = entries.firstIndex(where: { $0.key == "name" }) {
        guard case .string(let name) = entries.remove(at: index).value else { break }
        return Selection(name, entries)
      }
    default: break
    }
    throw SettingsError(
      key: key, expected: "a name, or a map with the key 'name'", received: inWords)
  }
}
