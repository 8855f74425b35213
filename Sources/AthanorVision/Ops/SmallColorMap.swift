/// The look-up of a few colours without a table: the pixels of a block are split into three planes,
/// and each colour is compared with all of them in a vectorised pass. Up to about forty colours
/// this is faster than one hashed look-up per pixel, which cannot be vectorised.
struct SmallColorMap: Sendable {
  /// The largest number of colours for which this is faster.
  static let limit = 40
  /// Pixels at a time: three planes and the labels fit the first-level cache.
  static let block = 2048
  /// Bytes from plane to plane: more than a block, so that no load follows a store to the same
  /// address modulo 4096, which would stall it.
  static let plane = block + 320
  /// Bytes of memory that `label` needs.
  static let scratch = 4 * plane

  private let colors: [(red: UInt8, green: UInt8, blue: UInt8, label: UInt8)]
  /// Marks pixels of unknown colour; the index of no class.
  private let unmarked: UInt8

  /// Nil for maps of many colours. The first of two equal colours counts.
  init?(_ map: ColorMap) {
    guard map.colors.count <= Self.limit else { return nil }
    // Later passes overwrite earlier ones.
    colors = zip(map.colors, map.classes).reversed().map { ($0[0], $0[1], $0[2], $1) }
    unmarked = (0...255).first { !map.classes.contains($0) }!
  }

  /// Maps one row; the first unknown pixel, which becomes 255, or −1. `planes` holds
  /// `scratch` bytes.
  func label(
    _ src: UnsafePointer<UInt8>, _ dst: UnsafeMutablePointer<UInt8>, _ width: Int,
    _ planes: UnsafeMutablePointer<UInt8>
  ) -> Int {
    var firstUnknown = -1
    for start in stride(from: 0, to: width, by: Self.block) {
      let count = min(Self.block, width - start)
      split(src + 3 * start, planes, count)
      // In whole vectors: elements after the last pixel are computed too, and ignored.
      let whole = (count + 255) & ~255
      let labels = planes + 3 * Self.plane
      labels.update(repeating: unmarked, count: whole)
      for color in colors {
        mark(planes, color.red, color.green, color.blue, color.label, labels, whole)
      }
      let to = dst + start
      to.update(from: labels, count: count)
      guard hasByte(unmarked, to, count) else { continue }
      for i in 0..<count where to[i] == unmarked {
        if firstUnknown < 0 { firstUnknown = start + i }
        to[i] = 255
      }
    }
    return firstUnknown
  }
}

@inline(never)
private func split(
  _ src: UnsafePointer<UInt8>, _ planes: UnsafeMutablePointer<UInt8>, _ count: Int
) {
  for i in 0..<count {
    planes[i] = src[3 &* i]
    planes[i &+ SmallColorMap.plane] = src[3 &* i &+ 1]
    planes[i &+ 2 &* SmallColorMap.plane] = src[3 &* i &+ 2]
  }
}

@inline(never)
private func mark(
  _ planes: UnsafePointer<UInt8>, _ red: UInt8, _ green: UInt8, _ blue: UInt8, _ label: UInt8,
  _ dst: UnsafeMutablePointer<UInt8>, _ count: Int
) {
  for i in 0..<count {
    let (r, g) = (planes[i] ^ red, planes[i &+ SmallColorMap.plane] ^ green)
    let difference = r | g | (planes[i &+ 2 &* SmallColorMap.plane] ^ blue)
    dst[i] = difference == 0 ? label : dst[i]
  }
}

@inline(never)
private func hasByte(_ byte: UInt8, _ bytes: UnsafePointer<UInt8>, _ count: Int) -> Bool {
  var found: UInt8 = 0
  for i in 0..<count { found |= bytes[i] == byte ? 1 : 0 }
  return found != 0
}
