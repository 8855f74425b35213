extension JSONCursor {
  /// Skips one value, checking that it is JSON, without recursion.
  public mutating func skip() throws {
    // Bit n: whether the container at level n is an object.
    var objects: UInt128 = 0
    var level = 0
    var isObject = false
    repeat {
      switch base[position] {
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        isObject = base[position] == UInt8(ascii: "{")
        try enter()
        objects = objects << 1 | (isObject ? 1 : 0)
        level += 1
        if base[position] != (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
          if isObject { _ = try key() }
          continue
        }
      case UInt8(ascii: "\""): _ = try skipString()
      case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try skipNumber()
      case UInt8(ascii: "t"): try word("true")
      case UInt8(ascii: "f"): try word("false")
      case UInt8(ascii: "n"): try word("null")
      case UInt8(ascii: "N"): try word("NaN")
      case UInt8(ascii: "I"): try word("Infinity")
      default: throw syntaxError("a value")
      }
      // Behind a value: the ends of containers, up to the next value.
      while level > 0 {
        skipSpace()
        if take(UInt8(ascii: ",")) {
          skipSpace()
          if isObject { _ = try key() }
          break
        }
        guard take(isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
          throw syntaxError(isObject ? "',' or '}'" : "',' or ']'")
        }
        level -= 1
        depth -= 1
        objects >>= 1
        isObject = objects & 1 == 1
      }
    } while level > 0
  }

  @inline(__always)
  private mutating func skipNumber() throws {
    var p = position
    if base[p] == UInt8(ascii: "-") {
      p += 1
      if base[p] == UInt8(ascii: "I") {
        position = p
        return try word("Infinity")
      }
    }
    if base[p] == UInt8(ascii: "0") {
      p += 1
    } else {
      p = try digits(from: p)
    }
    if base[p] == UInt8(ascii: ".") { p = try digits(from: p + 1) }
    if base[p] | 0x20 == UInt8(ascii: "e") {
      p += 1
      if base[p] == UInt8(ascii: "+") || base[p] == UInt8(ascii: "-") { p += 1 }
      p = try digits(from: p)
    }
    position = p
  }

  @inline(__always)
  private func digits(from start: Int) throws -> Int {
    var p = start
    while base[p] &- 0x30 <= 9 { p += 1 }
    if p == start { throw syntaxError("a digit", at: p) }
    return p
  }
}
