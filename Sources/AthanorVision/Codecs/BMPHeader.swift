import AthanorCore

/// The headers of a BMP.
///
/// Source: Microsoft, "Bitmap Storage": BITMAPCOREHEADER and BITMAPINFOHEADER to V5.
struct BMPHeader {
  enum Compression { case none, runs }

  let width: Int
  let height: Int
  let isTopDown: Bool
  /// Bits per pixel: 1, 4 or 8 (palette), 15 (5 bits each), 16 (5, 6 and 5 bits), 24 or 32.
  let bits: Int
  let compression: Compression
  /// RGB triples; empty where the pixels are colours.
  let palette: [UInt8]
  /// The offset of the pixels.
  let offset: Int

  var channels: Int { bits <= 8 ? 1 : bits == 32 ? 4 : 3 }
  /// Bytes of an uncompressed row: rows fill whole words of four.
  var rowBytes: Int { (width * (bits == 15 ? 16 : bits) + 31) / 32 * 4 }
  /// Whether the palette is the gray ramp from black to white.
  var isGray: Bool {
    let top = (1 << bits) - 1
    return bits <= 8 && palette.count == 3 * (top + 1)
      && palette.indices.allSatisfy { Int(palette[$0]) == $0 / 3 * 255 / top }
  }

  /// The largest number of bytes of headers, masks and palette.
  static let maximumSize = 14 + 256 + 12 + 1024

  /// `bytes` may be the start of a file; its size and content are not checked against limits.
  init(_ bytes: [UInt8], name: String) throws {
    func u16(_ at: Int) -> Int { Int(bytes[at]) | Int(bytes[at + 1]) << 8 }
    func u32(_ at: Int) -> Int { u16(at) | u16(at + 2) << 16 }
    func i32(_ at: Int) -> Int { Int(Int32(truncatingIfNeeded: u32(at))) }
    func need(_ count: Int) throws {
      guard bytes.count >= count else {
        throw ContentError(
          path: name, expected: "a whole BMP header",
          received: "\(bytes.count) bytes, cut off inside it")
      }
    }
    func refused(_ received: String) -> ContentError {
      ContentError(
        path: name,
        expected: "a BMP of 1, 4, 8, 16, 24 or 32 bits a pixel, uncompressed, RLE4 or RLE8",
        received: received)
    }

    try need(18)
    offset = u32(10)
    let size = u32(14)
    let isCore = size == 12
    guard isCore || (40...256).contains(size) else { throw refused("a header of \(size) bytes") }
    try need(14 + size)
    width = isCore ? u16(18) : i32(18)
    let rows = isCore ? u16(20) : i32(22)
    height = abs(rows)
    isTopDown = rows < 0
    let depth = isCore ? u16(24) : u16(28)
    let method = isCore ? 0 : u32(30)
    var next = 14 + size

    switch (depth, method) {
    case (1, 0), (4, 0), (8, 0), (24, 0), (32, 0): (bits, compression) = (depth, .none)
    case (4, 2), (8, 1): (bits, compression) = (depth, .runs)
    case (16, 0) where !isCore: (bits, compression) = (15, .none)
    case (16, 3), (32, 3):
      // A header of 40 bytes is followed by the masks; longer ones contain them at the same offset.
      try need(54 + 12)
      let masks = [u32(54), u32(58), u32(62)]
      if size == 40 { next += 12 }
      compression = .none
      switch (depth, masks) {
      case (16, [0x7C00, 0x3E0, 0x1F]): bits = 15
      case (16, [0xF800, 0x7E0, 0x1F]): bits = 16
      case (32, [0xFF_0000, 0xFF00, 0xFF]): bits = 32
      default:
        throw refused(
          "colour masks of " + masks.map { String($0, radix: 16) }.joined(separator: ", "))
      }
    default: throw refused("\(depth) bits a pixel with compression \(method)")
    }

    guard bits <= 8 else {
      palette = []
      return
    }
    let used = isCore ? 0 : u32(46)
    guard used <= 256 else { throw refused("a palette of \(used) colours") }
    let entries = used == 0 ? 1 << bits : used
    let step = isCore ? 3 : 4
    try need(next + step * entries)
    let start = next
    palette = (0..<entries).flatMap { entry in
      [2, 1, 0].map { bytes[start + step * entry + $0] }
    }
  }
}
