extension Settings {
  /// The value of type `T` that this tree describes; `key` is the key path of the tree,
  /// for messages.
  ///
  /// A type that is `DefaultInitializable` has its defaults for missing keys, and unknown keys are
  /// refused.
  ///
  /// Errors: throws `SettingsError` with the dotted path of the key, what was expected
  /// and received.
  public func decoded<T: Decodable>(as type: T.Type, at key: String = "") throws -> T {
    try SettingsDecoder(tree: self, key: key).value(type)
  }

  /// Decodes options from the given entries; missing ones have the type's defaults.
  ///
  /// Errors: throws `SettingsError` for an unknown key (with the nearest known one) or a
  /// wrong type.
  public static func options<T: Codable & DefaultInitializable>(
    _ type: T.Type, from given: [Entry], at key: String
  ) throws -> T {
    try Settings.map(given).decoded(as: type, at: key)
  }
}

private struct SettingsDecoder: Decoder {
  let tree: Settings
  /// The dotted path of `tree`: `tasks.segmentation.loss`, `augmentations[2].probability`.
  let key: String

  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func mismatch(_ expected: String, suggestion: String? = nil) -> SettingsError {
    SettingsError(key: key, expected: expected, received: tree.inWords, suggestion: suggestion)
  }

  func value<T: Decodable>(_ type: T.Type) throws -> T {
    if let value = try leaf(type) as? T { return value }
    var decoder = self
    if let withDefaults = type as? any (Encodable & DefaultInitializable).Type {
      guard case .map = tree else { throw mismatch("a map of keys and values") }
      let defaults = try Settings(encoding: withDefaults.init())
      decoder = SettingsDecoder(tree: try defaults.overlaid(with: tree, at: key), key: key)
    }
    do {
      return try T(from: decoder)
    } catch let error as DecodingError {
      throw decoder.translated(error)
    }
  }

  /// The types that are read from a single node, and their messages; nil for all others.
  private func leaf(_ type: any Decodable.Type) throws -> Any? {
    if type == Settings.self { return tree }
    if type == Selection.self { return try tree.asSelection(at: key) }
    if type == NamedSelections.self { return try NamedSelections(tree, at: key) }
    if type == Bool.self {
      guard case .bool(let value) = tree else { throw mismatch("true or false") }
      return value
    }
    if type == String.self {
      guard case .string(let value) = tree else { throw mismatch("text") }
      return value
    }
    if type == Double.self { return try number() }
    if type == Float.self { return Float(try number()) }
    if let type = type as? any FixedWidthInteger.Type { return try integer(type) }
    if let type = type as? any CaseIterable.Type, let names = Settings.names(type) {
      guard case .string(let name) = tree, names.contains(name) else {
        var suggestion: String?
        if case .string(let name) = tree { suggestion = nearestName(to: name, among: names) }
        throw mismatch("one of \(names.joined(separator: ", "))", suggestion: suggestion)
      }
    }
    return nil
  }

  /// A finite number within the range of `Float`, which options are computed with.
  private func number() throws -> Double {
    let number: Double
    switch tree {
    case .number(let value): number = value
    case .integer(let value): number = Double(value)
    default: throw mismatch("a number")
    }
    guard Float(number).isFinite else {
      throw mismatch("a finite number, at most \(Float.greatestFiniteMagnitude)")
    }
    return number
  }

  /// An integer of 32 bits at most, whatever the type, so that sums and products of two of them
  /// stay within `Int`.
  private func integer<T: FixedWidthInteger>(_ type: T.Type) throws -> T {
    guard case .integer(let value) = tree else { throw mismatch("an integer") }
    guard let exact = T(exactly: value), Int32(exactly: value) != nil else {
      throw mismatch(
        "an integer from \(Int32(clamping: T.min)) to \(Int32(clamping: T.max))")
    }
    return exact
  }

  /// Our message for an error that a type's own `init(from:)` threw.
  private func translated(_ error: DecodingError) -> SettingsError {
    guard case .keyNotFound(let missing, _) = error else {
      return mismatch("a usable value (\(error.problem))")
    }
    return SettingsError(
      key: path(of: missing.stringValue), expected: "a value", received: "nothing")
  }

  func path(of name: String) -> String { key.isEmpty ? name : "\(key).\(name)" }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    switch tree {
    case .map(let entries), .dictionary(let entries):
      return KeyedDecodingContainer(KeyedDecoding<Key>(decoder: self, entries: entries))
    default: throw mismatch("a map of keys and values")
    }
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard case .list(let items) = tree else { throw mismatch("a list") }
    return UnkeyedDecoding(decoder: self, items: items)
  }

  func singleValueContainer() -> any SingleValueDecodingContainer {
    SingleValueDecoding(decoder: self)
  }
}

private struct KeyedDecoding<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let decoder: SettingsDecoder
  let entries: [Settings.Entry]

  var codingPath: [any CodingKey] { [] }
  var allKeys: [Key] { entries.compactMap { Key(stringValue: $0.key) } }

  func contains(_ key: Key) -> Bool { entries.contains { $0.key == key.stringValue } }

  private func child(_ name: String) throws -> SettingsDecoder {
    let path = decoder.path(of: name)
    guard let entry = entries.first(where: { $0.key == name }) else {
      throw SettingsError(key: path, expected: "a value", received: "nothing")
    }
    return SettingsDecoder(tree: entry.value, key: path)
  }

  func decodeNil(forKey key: Key) throws -> Bool { try child(key.stringValue).tree == .null }

  func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
    try child(key.stringValue).value(type)
  }

  func nestedContainer<NestedKey: CodingKey>(
    keyedBy type: NestedKey.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<NestedKey> {
    try child(key.stringValue).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try child(key.stringValue).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder { try child("super") }
  func superDecoder(forKey key: Key) throws -> any Decoder { try child(key.stringValue) }
}

private struct UnkeyedDecoding: UnkeyedDecodingContainer {
  let decoder: SettingsDecoder
  let items: [Settings]
  private(set) var currentIndex = 0

  init(decoder: SettingsDecoder, items: [Settings]) {
    self.decoder = decoder
    self.items = items
  }

  var codingPath: [any CodingKey] { [] }
  var count: Int? { items.count }
  var isAtEnd: Bool { currentIndex >= items.count }

  private mutating func next() throws -> SettingsDecoder {
    guard !isAtEnd else {
      throw SettingsError(
        key: decoder.key, expected: "more than \(items.count) items", received: "no more")
    }
    defer { currentIndex += 1 }
    return SettingsDecoder(tree: items[currentIndex], key: "\(decoder.key)[\(currentIndex)]")
  }

  mutating func decodeNil() throws -> Bool {
    guard !isAtEnd, items[currentIndex] == .null else { return false }
    currentIndex += 1
    return true
  }

  mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try next().value(type) }

  mutating func nestedContainer<NestedKey: CodingKey>(
    keyedBy type: NestedKey.Type
  ) throws -> KeyedDecodingContainer<NestedKey> {
    try next().container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try next().unkeyedContainer()
  }

  mutating func superDecoder() throws -> any Decoder { try next() }
}

private struct SingleValueDecoding: SingleValueDecodingContainer {
  let decoder: SettingsDecoder

  var codingPath: [any CodingKey] { [] }

  func decodeNil() -> Bool { decoder.tree == .null }

  func decode<T: Decodable>(_ type: T.Type) throws -> T { try decoder.value(type) }
}
