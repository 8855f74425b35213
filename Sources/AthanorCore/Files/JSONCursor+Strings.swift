extension JSONCursor {
  /// Reads text.
  public mutating func string() throws -> String {
    guard base[position] == UInt8(ascii: "\"") else { throw error(expected: "text") }
    let start = position + 1
    guard try skipString() else {
      let raw = UnsafeBufferPointer(start: base + start, count: position - 1 - start)
      guard let text = String(validating: raw, as: UTF8.self) else { throw notUTF8(at: start) }
      return text
    }
    let end = position - 1
    position = start
    var decoded: [UInt8] = []
    decoded.reserveCapacity(end - start)
    while position < end {
      let byte = base[position]
      position += 1
      if byte == UInt8(ascii: "\\") {
        decoded += Array(String(try escape()).utf8)
      } else {
        decoded.append(byte)
      }
    }
    position = end + 1
    guard let text = String(validating: decoded, as: UTF8.self) else { throw notUTF8(at: start) }
    return text
  }

  func notUTF8(at start: Int) -> JSONError {
    let bytes = UnsafeBufferPointer(start: base, count: text.count)
    return syntaxError("UTF-8 text", received: TextFile.otherEncoding(of: bytes), at: start)
  }

  /// Skips text; returns whether it has escapes.
  @inline(__always)
  mutating func skipString() throws -> Bool {
    let start = position
    var isEscaped = false
    var p = position + 1
    while true {
      p += Self.plainBytes(base + p)
      switch base[p] {
      case UInt8(ascii: "\""):
        position = p + 1
        return isEscaped
      case UInt8(ascii: "\\"):
        isEscaped = true
        position = p + 1
        _ = try escape()
        p = position
      default:
        position = p
        throw p < text.count
          ? syntaxError("no control characters in text")
          : syntaxError("'\"' at the end of the text that began here", at: start)
      }
    }
  }

  /// How many bytes come before the next quote, backslash or control character.
  @inline(__always)
  private static func plainBytes(_ start: UnsafePointer<UInt8>) -> Int {
    let (ones, highs): (UInt64, UInt64) = (0x0101_0101_0101_0101, 0x8080_8080_8080_8080)
    var p = UnsafeRawPointer(start)
    while true {
      let word = UInt64(littleEndian: p.loadUnaligned(as: UInt64.self))
      let quote = word ^ (ones &* 0x22)
      let slash = word ^ (ones &* 0x5C)
      // The lowest byte marked is right in each: borrows reach only bytes above a marked one.
      let marks =
        (((quote &- ones) & ~quote) | ((slash &- ones) & ~slash)
          | ((word &- ones &* 0x20) & ~word)) & highs
      if marks != 0 {
        return UnsafeRawPointer(p) - UnsafeRawPointer(start) + marks.trailingZeroBitCount / 8
      }
      p += 8
    }
  }

  /// Reads the rest of an escape, after its backslash.
  private mutating func escape() throws -> Unicode.Scalar {
    let byte = base[position]
    if position == text.count { throw syntaxError("a character after '\\'") }
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
      if high < 0xDC00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) {
        let low = try codeUnit()
        if (0xDC00..<0xE000).contains(low),
          let scalar = Unicode.Scalar(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
        {
          return scalar
        }
      }
      throw syntaxError("a pair of surrogates", received: "half of one")
    default: throw syntaxError("an escape sequence", at: position - 1)
    }
  }

  private mutating func codeUnit() throws -> UInt32 {
    var unit: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = Character(UnicodeScalar(base[position])).hexDigitValue else {
        throw syntaxError("four hexadecimal digits")
      }
      unit = unit << 4 | UInt32(digit)
      position += 1
    }
    return unit
  }
}
