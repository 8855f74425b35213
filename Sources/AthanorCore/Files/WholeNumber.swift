/// Whole numbers as label files write them.
public enum WholeNumber {
  /// The number in a text: `640`, `640.0`, `6.4e2`, with space around it; nil for any
  /// other text and for a number beyond 64 bits.
  public static func read(_ text: some StringProtocol) -> Int? {
    let digits = text.split(whereSeparator: \.isWhitespace)
    guard digits.count == 1 else { return nil }
    return Int(digits[0]) ?? Double(digits[0]).flatMap { Int(exactly: $0) }
  }
}

extension JSONCursor {
  /// Reads a whole number, also one written as 3.0, as 1e3 or as text.
  public mutating func wholeNumber() throws -> Int {
    guard kind == .string else { return try integer() }
    let whole = self
    guard let value = WholeNumber.read(try string()) else {
      throw whole.error(expected: "a whole number of 64 bits")
    }
    return value
  }

  /// Reads a side in pixels; 0 and null mean unknown.
  public mutating func side() throws -> Int? {
    if try isNull() { return nil }
    let whole = self
    let side = try wholeNumber()
    guard side >= 0 else {
      throw whole.error(expected: "0 or more pixels", received: "\(side)")
    }
    return side == 0 ? nil : side
  }
}
