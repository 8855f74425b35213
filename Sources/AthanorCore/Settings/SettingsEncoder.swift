extension Settings {
  /// The tree that an encodable value writes: keys in order of declaration, `nil` as null.
  ///
  /// Errors: whatever `value.encode(to:)` throws.
  public init(encoding value: some Encodable) throws {
    self = try SettingsEncoder.tree(of: value, at: [])
  }

  /// The keys and values of an encodable value, in order of declaration; `nil` is written as null.
  ///
  /// Errors: throws `SettingsError` when the value does not encode to a map.
  public static func entries(of value: some Encodable) throws -> [Entry] {
    let tree = try Settings(encoding: value)
    guard case .map(let entries) = tree else {
      throw SettingsError(key: "", expected: "a type with keys", received: tree.inWords)
    }
    return entries
  }
}

/// The content so far of a container being encoded. A class, because containers are changed in
/// place.
private final class EncodingNode {
  enum Content {
    case value(Settings)
    case map([(key: String, node: EncodingNode)])
    case list([EncodingNode])
  }

  var content: Content

  init(_ content: Content = .map([])) { self.content = content }

  var settings: Settings {
    switch content {
    case .value(let value): value
    case .map(let entries): .map(entries.map { Settings.Entry($0.key, $0.node.settings) })
    case .list(let nodes): .list(nodes.map(\.settings))
    }
  }

  func set(_ node: EncodingNode, for key: String) {
    guard case .map(var entries) = content else { return }
    if let index = entries.firstIndex(where: { $0.key == key }) {
      entries[index].node = node
    } else {
      entries.append((key, node))
    }
    content = .map(entries)
  }

  func append(_ node: EncodingNode) {
    guard case .list(let nodes) = content else { return }
    content = .list(nodes + [node])
  }
}

private struct SettingsEncoder: Encoder {
  let node: EncodingNode
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  /// `Settings` and `Selection` are taken as they are, scalars become leaves, the rest
  /// encodes itself.
  static func tree<T: Encodable>(of value: T, at path: [any CodingKey]) throws -> Settings {
    switch value {
    case let value as Settings: return value
    case let value as Selection: return Settings(value)
    case let value as NamedSelections: return value.settings
    case let value as [String: Double]:
      return .dictionary(
        value.sorted { $0.key < $1.key }.map { Settings.Entry($0.key, .number($0.value)) })
    case let value as [String: String]:
      return .dictionary(
        value.sorted { $0.key < $1.key }.map { Settings.Entry($0.key, .string($0.value)) })
    case let value as Bool: return .bool(value)
    case let value as String: return .string(value)
    case let value as Double: return .number(value)
    // The shortest text that reads back as the same Float: 0.1, not 0.10000000149011612.
    case let value as Float: return .number(Double(value.description) ?? Double(value))
    case let value as any FixedWidthInteger:
      guard let integer = Int(exactly: value) else { return .number(Double(value)) }
      return .integer(integer)
    default:
      let node = EncodingNode()
      try value.encode(to: SettingsEncoder(node: node, codingPath: path))
      return node.settings
    }
  }

  /// A second container adds to the first: options made of two types have the keys of both.
  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    if case .map = node.content {} else { node.content = .map([]) }
    return KeyedEncodingContainer(KeyedEncoding<Key>(node: node, codingPath: codingPath))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    node.content = .list([])
    return UnkeyedEncoding(node: node, codingPath: codingPath)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer {
    SingleValueEncoding(node: node, codingPath: codingPath)
  }
}

private struct KeyedEncoding<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let node: EncodingNode
  let codingPath: [any CodingKey]

  func encodeNil(forKey key: Key) { node.set(EncodingNode(.value(.null)), for: key.stringValue) }

  func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
    let tree = try SettingsEncoder.tree(of: value, at: codingPath + [key])
    node.set(EncodingNode(.value(tree)), for: key.stringValue)
  }

  private func encodeOptional(_ value: (some Encodable)?, forKey key: Key) throws {
    if let value { try encode(value, forKey: key) } else { encodeNil(forKey: key) }
  }

  // The protocol's default implementations omit nil; each of them has to be replaced.
  func encodeIfPresent<T: Encodable>(_ value: T?, forKey key: Key) throws {
    try encodeOptional(value, forKey: key)
  }
  func encodeIfPresent(_ value: Bool?, forKey key: Key) throws {
    try encodeOptional(value, forKey: key)
  }
  func encodeIfPresent(_ value: String?, forKey key: Key) throws {
    try encodeOptional(value, forKey: key)
  }
  func encodeIfPresent(_ value: Double?, forKey key: Key) throws {
    try encodeOptional(value, forKey: key)
  }
  func encodeIfPresent(_ value: Float?, forKey key: Key) throws {
    try encodeOptional(value, forKey: key)
  }
  func encodeIfPresent(_ value: Int?, forKey key: Key) throws {
    try encodeOptional(value, forKey: key)
  }
  func encodeIfPresent(_ value: Int8?, forKey key: Key) throws {
    try encodeOptional(value, forKey: key)
  }
  func encodeIfPresent(_ value: Int16?, forKey key: Key) throws {
    try encodeOptional(value, forKey: key)
  }
  func encodeIfPresent(_ value: Int32?, forKey key: Key) throws {
    try encodeOptional(value, forKey: key)
  }
  func encodeIfPresent(_ value: Int64?, forKey key: Key) throws {
    try encodeOptional(value, forKey: key)
  }
  func encodeIfPresent(_ value: UInt?, forKey key: Key) throws {
    try encodeOptional(value, forKey: key)
  }
  func encodeIfPresent(_ value: UInt8?, forKey key: Key) throws {
    try encodeOptional(value, forKey: key)
  }
  func encodeIfPresent(_ value: UInt16?, forKey key: Key) throws {
    try encodeOptional(value, forKey: key)
  }
  func encodeIfPresent(_ value: UInt32?, forKey key: Key) throws {
    try encodeOptional(value, forKey: key)
  }
  func encodeIfPresent(_ value: UInt64?, forKey key: Key) throws {
    try encodeOptional(value, forKey: key)
  }

  func nestedContainer<NestedKey: CodingKey>(
    keyedBy type: NestedKey.Type, forKey key: Key
  ) -> KeyedEncodingContainer<NestedKey> {
    child(key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    child(key).unkeyedContainer()
  }

  func superEncoder() -> any Encoder {
    let inner = EncodingNode()
    node.set(inner, for: "super")
    return SettingsEncoder(node: inner, codingPath: codingPath)
  }

  func superEncoder(forKey key: Key) -> any Encoder { child(key) }

  private func child(_ key: Key) -> SettingsEncoder {
    let inner = EncodingNode()
    node.set(inner, for: key.stringValue)
    return SettingsEncoder(node: inner, codingPath: codingPath + [key])
  }
}

private struct UnkeyedEncoding: UnkeyedEncodingContainer {
  let node: EncodingNode
  let codingPath: [any CodingKey]
  private(set) var count = 0

  init(node: EncodingNode, codingPath: [any CodingKey]) {
    self.node = node
    self.codingPath = codingPath
  }

  mutating func encodeNil() {
    node.append(EncodingNode(.value(.null)))
    count += 1
  }

  mutating func encode<T: Encodable>(_ value: T) throws {
    node.append(EncodingNode(.value(try SettingsEncoder.tree(of: value, at: codingPath))))
    count += 1
  }

  mutating func nestedContainer<NestedKey: CodingKey>(
    keyedBy keyType: NestedKey.Type
  ) -> KeyedEncodingContainer<NestedKey> {
    child().container(keyedBy: keyType)
  }

  mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    child().unkeyedContainer()
  }

  mutating func superEncoder() -> any Encoder { child() }

  private mutating func child() -> SettingsEncoder {
    let inner = EncodingNode()
    node.append(inner)
    count += 1
    return SettingsEncoder(node: inner, codingPath: codingPath)
  }
}

private struct SingleValueEncoding: SingleValueEncodingContainer {
  let node: EncodingNode
  let codingPath: [any CodingKey]

  func encodeNil() { node.content = .value(.null) }

  func encode<T: Encodable>(_ value: T) throws {
    node.content = .value(try SettingsEncoder.tree(of: value, at: codingPath))
  }
}
