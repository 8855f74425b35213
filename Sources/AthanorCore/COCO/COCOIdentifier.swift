/// The id of an image, a category or an annotation in a COCO file: a number, or text in some tools.
public enum COCOIdentifier: Hashable, Comparable, Sendable, CustomStringConvertible {
  case number(Int)
  case text(String)

  public init(_ cursor: inout JSONCursor) throws {
    switch cursor.kind {
    case .number: self = .number(try cursor.integer())
    case .string: self = .text(try cursor.string())
    default: throw cursor.error(expected: "a whole number or text")
    }
  }

  public var description: String {
    switch self {
    case .number(let number): "\(number)"
    case .text(let text): "'\(text)'"
    }
  }
}

/// Identifiers in the order of their first appearance, numbered from 0.
struct COCOIdentifierTable: Sendable {
  private(set) var identifiers: [COCOIdentifier] = []
  /// Open addressing: the number of a slot and its index in `identifiers`, −1 where it is free.
  private var slots = [(number: Int, index: Int32)](repeating: (0, -1), count: 64)
  private var texts: [String: Int32] = [:]
  private var last: (number: Int, index: Int32)?

  /// Reads an identifier and returns its index, a new one where it has not occurred before.
  mutating func read(_ cursor: inout JSONCursor) throws -> Int32 {
    guard cursor.kind == .string else {
      guard cursor.kind == .number else {
        throw cursor.error(expected: "a whole number or text")
      }
      return index(of: try cursor.integer())
    }
    let text = try cursor.string()
    if let known = texts[text] { return known }
    identifiers.append(.text(text))
    texts[text] = Int32(identifiers.count - 1)
    return Int32(identifiers.count - 1)
  }

  private mutating func index(of number: Int) -> Int32 {
    if let last, last.number == number { return last.index }
    if 2 * identifiers.count >= slots.count { grow() }
    let slot = slot(of: number)
    if slots[slot].index < 0 {
      slots[slot] = (number, Int32(identifiers.count))
      identifiers.append(.number(number))
    }
    last = slots[slot]
    return slots[slot].index
  }

  /// The slot of a number, or the free slot for it.
  private func slot(of number: Int) -> Int {
    let mask = slots.count - 1
    let product = UInt64(bitPattern: Int64(number)) &* 0x9E37_79B9_7F4A_7C15
    var slot = Int(product >> 32) & mask
    while slots[slot].index >= 0, slots[slot].number != number { slot = (slot + 1) & mask }
    return slot
  }

  private mutating func grow() {
    let old = slots
    slots = [(number: Int, index: Int32)](repeating: (0, -1), count: 4 * old.count)
    for entry in old where entry.index >= 0 { slots[slot(of: entry.number)] = entry }
  }
}
