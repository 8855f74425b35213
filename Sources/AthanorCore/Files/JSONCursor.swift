/// Reads JSON (RFC 8259) value by value from its bytes, without building a tree.
///
///     var cursor = JSONCursor(try JSONText(contentsOf: path))
///     try cursor.object { key, value in
///       switch key {
///       case "width": width = try value.integer()
///       case "points": try value.array { _, point in points.append(try point.double()) }
///       default: break                                   // an unread value is skipped
///       }
///     }
///     try cursor.end()
///
/// `NaN`, `Infinity` and `-Infinity`, which Python writes, are accepted by `skip()` and refused
/// by everything that reads a number. Containers nest at most 100 deep.
///
/// Errors: all reading functions throw `JSONError` with line, column and, where a value is of
/// another kind, its key.
public struct JSONCursor {
  public enum Kind: Sendable {
    case object, array, string, number, bool, null
  }

  public let text: JSONText
  let base: UnsafePointer<UInt8>
  var position: Int
  var depth = 0
  let maximumDepth: Int

  static let maximumDepth = 100

  /// At the value that begins at this byte of the text.
  public init(_ text: JSONText, at offset: Int = 0) {
    self.init(text, at: offset, maximumDepth: Self.maximumDepth)
  }

  init(_ text: JSONText, at offset: Int = 0, maximumDepth: Int) {
    self.text = text
    base = text.base
    position = min(max(offset, text.start), text.count)
    self.maximumDepth = min(maximumDepth, Self.maximumDepth)
    skipSpace()
  }

  /// The offset in bytes of the next value, for `JSONCursor(text, at:)`.
  public var offset: Int { position }

  /// The kind of the next value; `nil` where none begins.
  public var kind: Kind? {
    switch base[position] {
    case UInt8(ascii: "{"): .object
    case UInt8(ascii: "["): .array
    case UInt8(ascii: "\""): .string
    case UInt8(ascii: "t"), UInt8(ascii: "f"): .bool
    case UInt8(ascii: "n"): .null
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "N"),
      UInt8(ascii: "I"):
      .number
    default: nil
    }
  }

  /// Calls `body` for each member with its key; `body` may read the value or ignore it.
  public mutating func object(_ body: (JSONKey, inout JSONCursor) throws -> Void) throws {
    guard base[position] == UInt8(ascii: "{") else { throw error(expected: "an object") }
    try enter()
    if take(UInt8(ascii: "}")) { return leave() }
    while true {
      let key = try key()
      let start = position
      do {
        try body(key, &self)
        if position == start { try skip() }
      } catch let error as JSONError {
        throw error.inside(key.string)
      }
      skipSpace()
      if take(UInt8(ascii: ",")) {
        skipSpace()
      } else if take(UInt8(ascii: "}")) {
        return leave()
      } else {
        throw syntaxError("',' or '}'")
      }
    }
  }

  /// As above, for an object in which no key may occur twice.
  public mutating func uniqueObject(
    _ body: (JSONKey, inout JSONCursor) throws -> Void
  ) throws {
    var seen = Set<String>()
    try object { key, value in
      guard seen.insert(key.string).inserted else {
        throw value.error(expected: "each key once", received: "it again")
      }
      try body(key, &value)
    }
  }

  /// Calls `body` for each item with its index; `body` may read the value or ignore it.
  public mutating func array(_ body: (Int, inout JSONCursor) throws -> Void) throws {
    guard base[position] == UInt8(ascii: "[") else { throw error(expected: "an array") }
    try enter()
    if take(UInt8(ascii: "]")) { return leave() }
    var index = 0
    while true {
      let start = position
      do {
        try body(index, &self)
        if position == start { try skip() }
      } catch let error as JSONError {
        throw error.inside("[\(index)]")
      }
      skipSpace()
      if take(UInt8(ascii: ",")) {
        skipSpace()
        index += 1
      } else if take(UInt8(ascii: "]")) {
        return leave()
      } else {
        throw syntaxError("',' or ']'")
      }
    }
  }

  public mutating func bool() throws -> Bool {
    switch base[position] {
    case UInt8(ascii: "t"):
      try word("true")
      return true
    case UInt8(ascii: "f"):
      try word("false")
      return false
    default: throw error(expected: "true or false")
    }
  }

  /// Whether the next value is `null`, which is then read; any other value is not.
  public mutating func isNull() throws -> Bool {
    guard base[position] == UInt8(ascii: "n") else { return false }
    try word("null")
    return true
  }

  /// Checks that nothing follows.
  public mutating func end() throws {
    skipSpace()
    guard position == text.count else { throw syntaxError("the end of the text") }
  }

  // MARK: Pieces

  @inline(__always)
  mutating func skipSpace() {
    while true {
      switch base[position] {
      case 0x20, 0x0A, 0x0D, 0x09: position += 1
      default: return
      }
    }
  }

  @inline(__always)
  mutating func take(_ byte: UInt8) -> Bool {
    guard base[position] == byte else { return false }
    position += 1
    return true
  }

  /// Steps into a container, to its first item or its end.
  mutating func enter() throws {
    guard depth < maximumDepth else {
      throw syntaxError("at most \(maximumDepth) nested containers", received: "more")
    }
    depth += 1
    position += 1
    skipSpace()
  }

  private mutating func leave() { depth -= 1 }

  /// Reads a key and the colon after it.
  @inline(__always)
  mutating func key() throws -> JSONKey {
    guard base[position] == UInt8(ascii: "\"") else {
      throw syntaxError("a key in double quotes")
    }
    let start = position + 1
    let isEscaped = try skipString()
    let key = JSONKey(base: base + start, count: position - 1 - start, isEscaped: isEscaped)
    // A damaged key would be ignored as unknown.
    guard key.isUTF8 else { throw notUTF8(at: start) }
    skipSpace()
    guard take(UInt8(ascii: ":")) else { throw syntaxError("':' after the key") }
    skipSpace()
    return key
  }

  mutating func word(_ word: StaticString) throws {
    for i in 0..<word.utf8CodeUnitCount where base[position + i] != word.utf8Start[i] {
      throw syntaxError("'\(word)'")
    }
    position += word.utf8CodeUnitCount
  }
}

/// The key of an object's member, as written in the text. It is valid only inside the body it is
/// passed to.
public struct JSONKey {
  @usableFromInline let base: UnsafePointer<UInt8>
  @usableFromInline let count: Int
  @usableFromInline let isEscaped: Bool

  fileprivate var isUTF8: Bool {
    let bytes = UnsafeBufferPointer(start: base, count: count)
    return bytes.reduce(0, |) < 0x80 || String(validating: bytes, as: UTF8.self) != nil
  }

  /// Whether this is the key, compared byte for byte without allocating.
  @inlinable @inline(__always)
  public static func == (key: JSONKey, text: StaticString) -> Bool {
    guard key.count == text.utf8CodeUnitCount else { return key.isEscapedForm(of: text) }
    for i in 0..<key.count where key.base[i] != text.utf8Start[i] { return false }
    return !key.isEscaped || key.isEscapedForm(of: text)
  }

  /// Compares a key that is written with escapes.
  @usableFromInline
  func isEscapedForm(of text: StaticString) -> Bool { isEscaped && string == text.description }

  /// The offset of its quote.
  func offset(in text: JSONText) -> Int { base - text.base - 1 }

  @inlinable @inline(__always)
  public static func ~= (text: StaticString, key: JSONKey) -> Bool { key == text }

  public var string: String {
    let raw = UnsafeBufferPointer(start: base, count: count)
    guard isEscaped else { return String(decoding: raw, as: UTF8.self) }
    var cursor = JSONCursor(
      JSONText([UInt8(ascii: "\"")] + raw + [UInt8(ascii: "\"")], file: nil))
    return (try? cursor.string()) ?? String(decoding: raw, as: UTF8.self)
  }
}
