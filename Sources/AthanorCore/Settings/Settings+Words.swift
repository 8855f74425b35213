extension Settings {
  /// The kind of this value in words, for messages: "an integer", "a list".
  var kindInWords: String {
    switch self {
    case .null: "nothing"
    case .bool: "true or false"
    case .integer: "an integer"
    case .number: "a number"
    case .string: "text"
    case .list: "a list"
    case .map, .dictionary: "a map of keys and values"
    case .selection: "a name, or a map with the key 'name'"
    }
  }

  /// This value as a message quotes it: "'abc'", "the number 3", "a list".
  var inWords: String {
    switch self {
    case .null: "nothing (null)"
    case .bool(let value): "\(value)"
    case .integer(let value): "the number \(value)"
    case .number(let value): "the number \(value)"
    case .string(let value): "'\(value)'"
    case .list: "a list"
    case .map(let entries), .dictionary(let entries): entries.isEmpty ? "an empty map" : "a map"
    case .selection(let name, _): "'\(name)'"
    }
  }

  /// The raw values of an enumeration of strings; nil for any other type.
  static func names<T: CaseIterable>(_ type: T.Type) -> [String]? {
    let names = type.allCases.compactMap { ($0 as? any RawRepresentable)?.rawValue as? String }
    return names.count == type.allCases.count && !names.isEmpty ? names : nil
  }
}
