import AthanorCore

/// A directory of a TIFF or BigTIFF, which describes an image.
///
/// Source: Adobe, TIFF Revision 6.0, section 2; "The BigTIFF File Format".
struct TIFFHeader {
  private(set) var width = 0
  private(set) var height = 0
  /// Bits per sample.
  private(set) var bits = 1
  /// Samples per pixel.
  private(set) var samples = 1
  private(set) var compression = 1
  private(set) var photometric = 0
  private(set) var orientation = 1
  /// Whether the image is a reduced version of another one.
  private(set) var isReduced = false
  /// The offset of the next directory; 0 after the last.
  private(set) var nextDirectory = 0

  var isPalette: Bool { photometric == 3 }

  /// Reads with `source`, which returns `count` bytes at an offset, or `nil` where the file
  /// has fewer.
  ///
  /// - Parameter offset: The offset of the directory; nil for the first.
  init(
    name: String, directory offset: Int? = nil,
    _ source: (_ offset: Int, _ count: Int) throws -> [UInt8]?
  ) throws {
    func bytes(_ offset: Int, _ count: Int) throws -> [UInt8] {
      guard offset >= 0, let bytes = try source(offset, count) else {
        throw ContentError(
          path: name, expected: "a TIFF image", received: "a file damaged before its image size")
      }
      return bytes
    }
    let start = try bytes(0, 8)
    let isLittle = start[0] == 0x49
    func number(_ bytes: some Collection<UInt8>) -> Int {
      let value = isLittle ? bytes.reversed().reduce(0, Self.join) : bytes.reduce(0, Self.join)
      return Int(clamping: value)
    }
    let isBig = number(start[2..<4]) == 43
    let word = isBig ? 8 : 4
    let directory = try offset ?? number(isBig ? try bytes(8, 8)[...] : start[4..<8])
    let count = number(try bytes(directory, isBig ? 8 : 2))
    guard count <= 4096, directory <= .max - 8 else {
      throw ContentError(
        path: name, expected: "a TIFF directory of at most 4096 entries",
        received: "one of \(count)")
    }
    let size = 4 + 2 * word
    // The entries are followed by the offset of the next directory.
    let entries = try bytes(directory + (isBig ? 8 : 2), count * size + word)
    nextDirectory = number(entries.suffix(word))
    for entry in 0..<count {
      let field = Array(entries[(entry * size)..<((entry + 1) * size)])
      guard let length = [1: 1, 3: 2, 4: 4, 16: 8][number(field[2..<4])] else { continue }
      let (total, overflow) = number(field[4..<(4 + word)]).multipliedReportingOverflow(by: length)
      guard total > 0, !overflow else { continue }
      func value() throws -> Int {
        let inline = field[(4 + word)...]
        if total <= word { return number(inline.prefix(length)) }
        return number(try bytes(number(inline), length))
      }
      switch number(field[0..<2]) {
      case 254: isReduced = try value() & 1 == 1
      case 256: width = try value()
      case 257: height = try value()
      case 258: bits = try value()
      case 259: compression = try value()
      case 262: photometric = try value()
      case 274: orientation = try value()
      case 277: samples = try value()
      default: break
      }
    }
  }

  /// From a whole file in memory.
  init(_ file: [UInt8], name: String, directory offset: Int? = nil) throws {
    try self.init(name: name, directory: offset) { offset, count in
      offset <= file.count && count <= file.count - offset
        ? Array(file[offset..<(offset + count)]) : nil
    }
  }

  private static func join(_ sum: UInt64, _ byte: UInt8) -> UInt64 { sum << 8 | UInt64(byte) }
}
