/// Text that is not JSON: where the reading stopped, what was expected there and what stood there.
public struct JSONError: Error, Equatable, CustomStringConvertible {
  /// The file the text came from, if it came from one.
  public var file: String?
  /// Counted from 1.
  public var line: Int
  /// Counted from 1, in bytes.
  public var column: Int
  public var expected: String
  public var received: String

  public var description: String {
    let place = (file.map { "\($0):" } ?? "line ") + "\(line):\(column)"
    return "\(place): expected \(expected), received \(received)"
  }
}

extension JSON {
  /// Reads strict JSON (RFC 8259): no comments, no trailing commas, no duplicate keys, nothing after.
  ///
  /// Integers that fit `Int` and are written without fraction or exponent are `.integer`.
  ///
  /// Errors: throws `JSONError` with line and column, also beyond `maximumDepth` nested containers.
  public init(parsing bytes: [UInt8], file: String? = nil, maximumDepth: Int = 100) throws {
    var parser = JSONParser(bytes: bytes, file: file, maximumDepth: maximumDepth)
    self = try parser.document()
  }

  public init(parsing text: String, file: String? = nil) throws {
    try self.init(parsing: Array(text.utf8), file: file)
  }

  /// Reads the JSON file at `path`. Throws `FileError` or `JSONError`, naming the file.
  public init(contentsOf path: String) throws {
    try self.init(parsing: AtomicFile.read(path), file: path)
  }
}

private struct JSONParser {
  let bytes: [UInt8]
  let file: String?
  let maximumDepth: Int
  var position = 0

  init(bytes: [UInt8], file: String?, maximumDepth: Int) {
    self.bytes = bytes
    self.file = file
    self.maximumDepth = maximumDepth
  }

  mutating func document() throws -> JSON {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    let value = try value(depth: 0)
    skipSpace()
    guard position == bytes.count else { throw error("the end of the text") }
    return value
  }

  private func error(_ expected: String, received: String? = nil, at place: Int? = nil) -> JSONError
  {
    let place = place ?? position
    let before = bytes[..<min(place, bytes.count)]
    let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    var found = "the end of the text"
    if place < bytes.count {
      let byte = bytes[place]
      found = byte > 0x20 && byte < 0x7F ? "'\(Character(UnicodeScalar(byte)))'" : "byte \(byte)"
    }
    return JSONError(
      file: file, line: before.count { $0 == UInt8(ascii: "\n") } + 1,
      column: place - lineStart + 1, expected: expected, received: received ?? found)
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func value(depth: Int) throws -> JSON {
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return .object(try members(depth: depth))
    case UInt8(ascii: "["): return .array(try items(depth: depth))
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case .some(UInt8(ascii: "-")), .some(UInt8(ascii: "0")...UInt8(ascii: "9")):
      return try number()
    default: throw error("a value")
    }
  }

  private mutating func word(_ word: String, _ value: JSON) throws -> JSON {
    guard bytes[position...].starts(with: word.utf8) else { throw error("'\(word)'") }
    position += word.utf8.count
    return value
  }

  private func checkDepth(_ depth: Int) throws {
    guard depth < maximumDepth else {
      throw error("at most \(maximumDepth) nested containers", received: "more")
    }
  }

  private mutating func members(depth: Int) throws -> [JSON.Member] {
    try checkDepth(depth)
    position += 1
    var members: [JSON.Member] = []
    var seen: Set<String> = []
    skipSpace()
    if take("}") { return members }
    while true {
      skipSpace()
      let start = position
      guard next == UInt8(ascii: "\"") else { throw error("a key in double quotes") }
      let key = try string()
      guard seen.insert(key).inserted else {
        throw error("each key once", received: "'\(key)' again", at: start)
      }
      skipSpace()
      guard take(":") else { throw error("':' after the key") }
      members.append(JSON.Member(key, try value(depth: depth + 1)))
      skipSpace()
      if take("}") { return members }
      guard take(",") else { throw error("',' or '}'") }
    }
  }

  private mutating func items(depth: Int) throws -> [JSON] {
    try checkDepth(depth)
    position += 1
    var items: [JSON] = []
    skipSpace()
    if take("]") { return items }
    while true {
      items.append(try value(depth: depth + 1))
      skipSpace()
      if take("]") { return items }
      guard take(",") else { throw error("',' or ']'") }
    }
  }

  private mutating func digits() throws {
    let start = position
    while let byte = next, byte >= 0x30, byte <= 0x39 { position += 1 }
    guard position > start else { throw error("a digit") }
  }

  private mutating func number() throws -> JSON {
    let start = position
    _ = take("-")
    if !take("0") { try digits() }
    var isWhole = true
    if take(".") {
      isWhole = false
      try digits()
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      isWhole = false
      position += 1
      if !take("+") { _ = take("-") }
      try digits()
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isWhole, let value = Int(text) { return .integer(value) }
    guard let value = Double(text), value.isFinite else {
      throw error("a number that fits 64 bits", received: text, at: start)
    }
    return .number(value)
  }

  private mutating func string() throws -> String {
    position += 1
    let start = position
    var decoded: [UInt8] = []
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        guard let text = String(validating: decoded, as: UTF8.self) else {
          throw error("UTF-8 text", received: "other bytes", at: start)
        }
        return text
      case UInt8(ascii: "\\"):
        position += 1
        decoded += Array(String(try escape()).utf8)
      case 0..<0x20: throw error("no control characters in text")
      default:
        decoded.append(byte)
        position += 1
      }
    }
    throw error("'\"' at the end of the text that began here", at: start - 1)
  }

  private mutating func escape() throws -> Unicode.Scalar {
    guard let byte = next else { throw error("a character after '\\'") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      let high = try codeUnit()
      if let scalar = Unicode.Scalar(high) { return scalar }
      if high < 0xDC00, take("\\"), take("u") {
        let low = try codeUnit()
        if (0xDC00..<0xE000).contains(low),
          let scalar = Unicode.Scalar(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
        {
          return scalar
        }
      }
      throw error("a pair of surrogates", received: "half of one")
    default: throw error("an escape sequence", at: position - 1)
    }
  }

  private mutating func codeUnit() throws -> UInt32 {
    var unit: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(UnicodeScalar(byte)).hexDigitValue else {
        throw error("four hexadecimal digits")
      }
      unit = unit << 4 | UInt32(digit)
      position += 1
    }
    return unit
  }
}
