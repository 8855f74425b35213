/// A pixel of a colour label whose colour is no class.
public struct UnknownColorError: Error, Equatable, CustomStringConvertible {
  /// The file it was found in, where it came from one.
  public var path: String?
  public var color: [UInt8]
  public var x: Int
  public var y: Int

  public var description: String {
    (path.map { "\($0): " } ?? "")
      + "expected a colour of the colour map, received RGB (\(color[0]), \(color[1]), \(color[2])) "
      + "at pixel x \(x), y \(y)"
  }
}

/// The class of each colour of a label image.
///
/// Look-up in a map of many colours is one multiplication and one comparison per pixel: a
/// multiplier is searched for that hashes every colour to its own slot. Few colours are
/// compared in turn (`SmallColorMap`).
public struct ColorMap: Equatable, Sendable {
  /// RGB triples and the class of each; several colours may be the same class.
  public let colors: [[UInt8]]
  public let classes: [UInt8]
  /// Slots of `class << 24 | colour`.
  let slots: [UInt32]
  let multiplier: UInt32
  let shift: UInt32

  /// Class `i` is the `i`-th colour, unless `classes` is given.
  public init(colors: [[UInt8]], classes: [UInt8]? = nil) {
    precondition(
      colors.allSatisfy { $0.count == 3 } && colors.count <= 256,
      "ColorMap: at most 256 RGB triples")
    precondition(
      classes == nil || classes!.count == colors.count,
      "ColorMap: \(classes?.count ?? 0) classes for \(colors.count) colours")
    self.colors = colors
    self.classes = classes ?? colors.indices.map { UInt8($0) }
    var entries: [UInt32: UInt8] = [:]
    for (color, label) in zip(colors, self.classes) {
      let key = UInt32(color[0]) | UInt32(color[1]) << 8 | UInt32(color[2]) << 16
      if entries[key] == nil { entries[key] = label }
    }
    (slots, multiplier, shift) = Self.perfectHash(entries)
  }

  /// Colours from a flat list of RGB triples, as `voc` gives them.
  public init(palette: [UInt8], count: Int) {
    self.init(colors: (0..<count).map { Array(palette[(3 * $0)..<(3 * $0 + 3)]) })
  }

  private static func perfectHash(
    _ entries: [UInt32: UInt8]
  ) -> (slots: [UInt32], multiplier: UInt32, shift: UInt32) {
    let keys = entries.keys.sorted()
    var bits: UInt32 = 4
    while 1 << bits < 4 * keys.count { bits += 1 }
    var multiplier: UInt32 = 0x9E37_79B1
    for attempt in 1... {
      let shift = 32 - bits
      var used = [Bool](repeating: false, count: 1 << bits)
      // Colours 0 and 1 hash to different slots, so that one of them can mark any slot as empty.
      let fits =
        multiplier >> shift != 0
        && keys.allSatisfy { key in
          let slot = Int((key &* multiplier) >> shift)
          defer { used[slot] = true }
          return !used[slot]
        }
      if fits {
        // An empty slot contains a colour that hashes elsewhere, so that it matches nothing.
        var slots = [UInt32](repeating: 0, count: 1 << bits)
        for slot in slots.indices {
          slots[slot] = Int(multiplier >> shift) != slot ? 1 : 0
        }
        for key in keys {
          slots[Int((key &* multiplier) >> shift)] = key | UInt32(entries[key]!) << 24
        }
        return (slots, multiplier, shift)
      }
      multiplier = multiplier &* 0x85EB_CA77 &+ 0x2545_F491 | 1
      if attempt % 64 == 0 && bits < 20 { bits += 1 }
    }
    return ([], 0, 0)
  }
}
