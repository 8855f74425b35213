extension JSONCursor {
  /// Reads a number, correctly rounded: the bits are those of C's `strtod`.
  public mutating func double() throws -> Double {
    let start = position
    let number = try scanNumber(expected: "a number")
    return try double(number, from: start)
  }

  /// Reads a whole number, also one written as 3.0 or 1e3.
  public mutating func integer() throws -> Int {
    let start = position
    let number = try scanNumber(expected: "a whole number")
    if let integer = number.integer { return integer }
    guard let integer = Int(exactly: try double(number, from: start)) else {
      position = start
      throw error(expected: "a whole number of 64 bits")
    }
    return integer
  }

  /// A number as `.integer` where it is written as one that fits, else as `.number`.
  mutating func number() throws -> JSON {
    let start = position
    let number = try scanNumber(expected: "a number")
    if let integer = number.integer { return .integer(integer) }
    return .number(try double(number, from: start))
  }

  /// ±mantissa · 10^exponent.
  private struct Decimal {
    var isNegative = false
    var mantissa: UInt64 = 0
    var exponent = 0
    /// Written without fraction and exponent.
    var isWhole = true
    /// Whether the mantissa contains all digits: at most 19 from the first that is not 0.
    var isExact = true

    var integer: Int? {
      guard isWhole, isExact else { return nil }
      if !isNegative { return Int(exactly: mantissa) }
      return mantissa <= 1 << 63 ? Int(truncatingIfNeeded: 0 &- mantissa) : nil
    }
  }

  @inline(__always)
  private mutating func scanNumber(expected: String) throws -> Decimal {
    var number = Decimal()
    let start = position
    var p = position
    if base[p] == UInt8(ascii: "-") {
      number.isNegative = true
      p += 1
    }
    let first = p
    var byte = base[p] &- 0x30
    guard byte <= 9 else { throw notANumber(expected) }
    if byte == 0 {
      p += 1
    } else {
      repeat {
        number.mantissa = number.mantissa &* 10 &+ UInt64(byte)
        p += 1
        byte = base[p] &- 0x30
      } while byte <= 9
    }
    var digits = p - first
    if base[p] == UInt8(ascii: ".") {
      p += 1
      let fraction = p
      while let eight = Self.eightDigits(base + p) {
        number.mantissa = number.mantissa &* 100_000_000 &+ eight
        p += 8
      }
      byte = base[p] &- 0x30
      while byte <= 9 {
        number.mantissa = number.mantissa &* 10 &+ UInt64(byte)
        p += 1
        byte = base[p] &- 0x30
      }
      if p == fraction { throw syntaxError("a digit", at: p) }
      number.exponent = fraction - p
      digits += p - fraction
      number.isWhole = false
    }
    if digits > 19 {
      var zeros = 0
      scan: for i in first..<p {
        switch base[i] {
        case UInt8(ascii: "0"): zeros += 1
        case UInt8(ascii: "."): continue
        default: break scan
        }
      }
      number.isExact = digits - zeros <= 19
    }
    if base[p] | 0x20 == UInt8(ascii: "e") {
      p += 1
      var isNegative = false
      if base[p] == UInt8(ascii: "-") || base[p] == UInt8(ascii: "+") {
        isNegative = base[p] == UInt8(ascii: "-")
        p += 1
      }
      byte = base[p] &- 0x30
      if byte > 9 { throw syntaxError("a digit", at: p) }
      var exponent = 0
      while byte <= 9 {
        exponent = min(exponent * 10 + Int(byte), 1 << 40)
        p += 1
        byte = base[p] &- 0x30
      }
      number.exponent += isNegative ? -exponent : exponent
      number.isWhole = false
    }
    position = p
    assert(position > start)
    return number
  }

  private mutating func notANumber(_ expected: String) -> JSONError {
    let isNegative = base[position] == UInt8(ascii: "-")
    if isNegative, base[position + 1] != UInt8(ascii: "I") {
      return syntaxError("a digit", at: position + 1)
    }
    return error(expected: expected)
  }

  /// The value of eight digits; `nil` where there are fewer.
  @inline(__always)
  private static func eightDigits(_ p: UnsafePointer<UInt8>) -> UInt64? {
    let word = UInt64(littleEndian: UnsafeRawPointer(p).loadUnaligned(as: UInt64.self))
    let highs: UInt64 = 0xF0F0_F0F0_F0F0_F0F0
    guard word & highs | ((word &+ 0x0606_0606_0606_0606) & highs) >> 4 == 0x3333_3333_3333_3333
    else { return nil }
    // Pairs of digits, then pairs of pairs, then all eight.
    let digits = word &- 0x3030_3030_3030_3030
    let pairs = (digits &* 10 &+ digits >> 8) & 0x00FF_00FF_00FF_00FF
    let fours = (pairs &* 100 &+ pairs >> 16) & 0x0000_FFFF_0000_FFFF
    return (fours &* 10000 &+ fours >> 32) & 0xFFFF_FFFF
  }

  @inline(__always)
  private func double(_ number: Decimal, from start: Int) throws -> Double {
    let value: Double
    if number.isExact, let rounded = Self.rounded(number.mantissa, number.exponent) {
      value = number.isNegative ? -rounded : rounded
    } else {
      value = try slowDouble(from: start)
    }
    return value
  }

  @inline(never)
  private func slowDouble(from start: Int) throws -> Double {
    let spelled = String(
      decoding: UnsafeBufferPointer(start: base + start, count: position - start), as: UTF8.self)
    guard let value = Double(spelled), value.isFinite else {
      throw syntaxError("a number that fits 64 bits", received: spelled, at: start)
    }
    return value
  }

  /// mantissa · 10^exponent with one rounding; `nil` outside of the exponents −27…22 and where the
  /// exponent is above 0 and the mantissa not exact.
  @inline(__always)
  private static func rounded(_ mantissa: UInt64, _ exponent: Int) -> Double? {
    if exponent == 0 || mantissa == 0 { return Double(mantissa) }
    // Clinger's fast path: both numbers are exact, so their quotient is rounded once.
    if mantissa <= 1 << 53, exponent >= -22, exponent <= 22 {
      return exponent < 0
        ? Double(mantissa) / tens[-exponent] : Double(mantissa) * tens[exponent]
    }
    guard exponent < 0, exponent >= -27 else { return nil }
    return divided(mantissa, exponent)
  }

  /// mantissa / 10^−exponent: 64 bits of the quotient by 5^−exponent, and whether there is a
  /// remainder, decide the rounding.
  private static func divided(_ mantissa: UInt64, _ exponent: Int) -> Double {
    let five = fives[-exponent]
    let (up, over) = (mantissa.leadingZeroBitCount, five.leadingZeroBitCount)
    let (high, divisor) = (mantissa << up, five << over)
    // In both cases the quotient has its highest bit set.
    let shift: Int = high < divisor ? 0 : 1
    let (quotient, remainder) = divisor.dividingFullWidth(
      shift == 0 ? (high, 0) : (high >> 1, high << 63))
    // Ties go to even; a remainder puts the quotient above the tie.
    let dropped = quotient & 0x7FF
    var bits = quotient >> 11
    if dropped > 0x400 || (dropped == 0x400 && (remainder != 0 || bits & 1 == 1)) { bits += 1 }
    let power = 11 - 64 + shift - up + over + exponent
    // Adding instead of combining bits lets a mantissa rounded up to 2⁵³ raise the exponent.
    return Double(bitPattern: (UInt64(power + 52 + 1023) << 52) + (bits - (1 << 52)))
  }

  private static let tens: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
  ]
  private static let fives: [UInt64] = (0...27).map { (0..<$0).reduce(1) { power, _ in power * 5 } }
}
