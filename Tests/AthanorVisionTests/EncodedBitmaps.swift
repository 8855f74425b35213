import AthanorCore
import AthanorVision

/// A BMP made field by field.
struct BMPFile {
  /// Kinds that OpenCV reads.
  static let kinds: [BMPFile] =
    [1, 4, 8, 16, 24, 32].flatMap { bits in
      [false, true].map {
        BMPFile(width: 19, height: 6, bits: bits, isTopDown: $0, colors: bits <= 8 ? 1 << bits : 0)
      }
    } + [
      BMPFile(width: 9, height: 5, bits: 4, colors: 5),
      BMPFile(width: 21, height: 5, bits: 24, headerSize: 12),
      BMPFile(width: 21, height: 5, bits: 8, headerSize: 12, colors: 256),
      BMPFile(width: 7, height: 5, bits: 8, headerSize: 124, colors: 256),
      BMPFile(width: 7, height: 5, bits: 16, masks: [0xF800, 0x7E0, 0x1F]),
      BMPFile(width: 7, height: 5, bits: 16, masks: [0x7C00, 0x3E0, 0x1F]),
      BMPFile(width: 7, height: 5, bits: 32, masks: [0xFF_0000, 0xFF00, 0xFF]),
      BMPFile(width: 40, height: 7, bits: 8, isRuns: true, colors: 256),
      BMPFile(width: 41, height: 7, bits: 4, isRuns: true, colors: 16),
    ]

  var width: Int
  var height: Int
  var bits = 24
  var isTopDown = false
  var isRuns = false
  /// 12, 40 or more.
  var headerSize = 40
  var masks: [Int] = []
  var colors = 0
  /// The palette is the ramp from black to white.
  var isGray = false

  /// The file with random pixels.
  func encoded(_ generator: inout Generator) -> [UInt8] {
    let rowBytes = (width * bits + 31) / 32 * 4
    var pixels: [UInt8] = []
    for y in 0..<height {
      pixels +=
        isRuns
        ? runs(&generator, isLast: y == height - 1)
        : (0..<rowBytes).map { _ in UInt8(truncatingIfNeeded: generator.next() >> 9) }
    }
    let isCore = headerSize == 12
    var palette: [UInt8] = []
    for i in 0..<colors {
      let gray = UInt8(i * 255 / max(1, (1 << bits) - 1))
      palette += (0..<3).map { isGray ? gray : UInt8(truncatingIfNeeded: i &* 37 &+ $0 &* 91) }
      if !isCore { palette.append(0) }
    }
    var header: [UInt8]
    if isCore {
      header = low(headerSize) + low(width, 2) + low(height, 2) + low(1, 2) + low(bits, 2)
    } else {
      let method = !masks.isEmpty ? 3 : !isRuns ? 0 : bits == 8 ? 1 : 2
      header = low(headerSize) + low(width) + low(isTopDown ? -height : height) + low(1, 2)
      header += low(bits, 2) + low(method) + low(pixels.count) + low(0) + low(0) + low(colors)
      header += low(0) + masks.flatMap { low($0) }
      header += [UInt8](repeating: 0, count: max(0, headerSize - header.count))
    }
    let offset = 14 + header.count + palette.count
    return Array("BM".utf8) + low(offset + pixels.count) + low(0) + low(offset) + header + palette
      + pixels
  }

  /// A row of runs and listed pixels, some rows ending early.
  private func runs(_ generator: inout Generator, isLast: Bool) -> [UInt8] {
    var row: [UInt8] = []
    var x = 0
    while x < width, isLast || !generator.chance(0.1) {
      let length = min(width - x, generator.integer(in: 1..<12))
      let isListed = length > 2 && generator.chance(0.5)
      let bytes = isListed ? (length * bits + 7) / 8 : 1
      row += isListed ? [0, UInt8(length)] : [UInt8(length)]
      row += (0..<bytes).map { _ in UInt8(truncatingIfNeeded: generator.next() >> 9) }
      if isListed, bytes % 2 == 1 { row.append(0) }
      x += length
    }
    return row + [0, isLast ? 1 : 0]
  }
}

/// The low bytes of a number, the lowest first.
func low(_ value: Int, _ count: Int = 4) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}

/// A TIFF made field by field: its directory first, its pixels last.
struct TIFFFile {
  /// Kinds that OpenCV reads; from memory it reads uncompressed tiles of whole KiB alone.
  static let kinds: [TIFFFile] = {
    var files = [8, 16].flatMap { bits in
      [(1, 0), (1, 1), (3, 2), (4, 2)].map { samples, photometric in
        TIFFFile(
          width: 21, height: 9, bits: bits, samples: samples, photometric: photometric,
          isBigEndian: photometric == 2, extra: samples == 4 ? 2 : nil)
      }
    }
    files += [1, 8].map { TIFFFile(width: 21, height: 9, bits: $0, photometric: 3) }
    files += [0, 1].map { TIFFFile(width: 21, height: 9, bits: 1, photometric: $0) }
    files.append(TIFFFile(width: 21, height: 9, isBig: true))
    files.append(TIFFFile(width: 40, height: 23, samples: 3, photometric: 2, tile: 32))
    files.append(TIFFFile(width: 40, height: 23, photometric: 3, tile: 16, compression: 8))
    files.append(TIFFFile(width: 33, height: 9, bits: 16, tile: 32, isBigEndian: true))
    files.append(TIFFFile(width: 21, height: 9, samples: 3, photometric: 2, isPlanar: true))
    files.append(TIFFFile(width: 21, height: 9, samples: 4, photometric: 2, extra: 1))
    files.append(TIFFFile(width: 21, height: 9, samples: 3, photometric: 2, compression: 32773))
    files.append(TIFFFile(width: 21, height: 9, bits: 16, compression: 8))
    return files
  }()

  var width: Int
  var height: Int
  var bits = 8
  var samples = 1
  /// 0 white is zero, 1 black is zero, 2 RGB, 3 palette.
  var photometric = 1
  var tile: Int?
  var rowsPerStrip = 4
  var isPlanar = false
  var isBigEndian = false
  /// BigTIFF.
  var isBig = false
  /// 1 none, 8 deflate (stored blocks), 32773 PackBits (literal runs).
  var compression = 1
  var orientation = 1
  /// The kind of the last sample: 1 associated alpha, 2 unassociated.
  var extra: Int?
  /// The size in the directory, where it is a false one.
  var announced: (Int, Int)?

  /// Whether a file made here, damaged perhaps, holds the tag of a tile width.
  static func isTiled(_ bytes: [UInt8]) -> Bool {
    guard ImageKind(startingWith: bytes) == .tiff else { return false }
    let tags: [[UInt8]] = [[0x42, 0x01, 0x04, 0x00], [0x01, 0x42, 0x00, 0x04]]
    return bytes.indices.dropLast(3).contains { tags.contains(Array(bytes[$0..<($0 + 4)])) }
  }

  /// The file with random samples.
  func encoded(_ generator: inout Generator) -> [UInt8] {
    encoded((0..<(width * height * samples)).map { _ in generator.integer(in: 0..<(1 << bits)) })
  }

  func encoded(_ values: [Int]) -> [UInt8] {
    let blocks = self.blocks(values)
    let (columns, rows) = announced ?? (width, height)
    var fields: [(tag: Int, type: Int, values: [Int])] = [
      (256, 4, [columns]), (257, 4, [rows]), (258, 3, Array(repeating: bits, count: samples)),
      (259, 3, [compression]), (262, 3, [photometric]), (274, 3, [orientation]),
      (277, 3, [samples]),
      (284, 3, [isPlanar ? 2 : 1]),
    ]
    fields += tile.map { [(322, 4, [$0]), (323, 4, [$0])] } ?? [(278, 4, [rowsPerStrip])]
    if photometric == 3 {
      fields.append((320, 3, (0..<(3 << bits)).map { $0 &* 7919 & 0xFFFF }))
    }
    if let extra { fields.append((338, 3, [extra])) }
    let offsetsTag = tile == nil ? 273 : 324
    fields.append((offsetsTag, 4, blocks.map { _ in 0 }))
    fields.append((tile == nil ? 279 : 325, 4, blocks.map(\.count)))
    fields.sort { $0.tag < $1.tag }

    let word = isBig ? 8 : 4
    let start = isBig ? 16 : 8
    var position = start + (isBig ? 8 : 2) + fields.count * (4 + 2 * word) + word
    func size(_ field: (tag: Int, type: Int, values: [Int])) -> Int {
      field.values.count * (field.type == 3 ? 2 : 4)
    }
    let outOfLine = fields.filter { size($0) > word }
    var data = position + outOfLine.reduce(0) { $0 + size($1) }
    let offsets = blocks.map { block in
      data += block.count
      return data - block.count
    }
    var directory = number(fields.count, isBig ? 8 : 2)
    var arrays: [UInt8] = []
    for field in fields {
      let values = field.tag == offsetsTag ? offsets : field.values
      let bytes = values.flatMap { number($0, field.type == 3 ? 2 : 4) }
      directory += number(field.tag, 2) + number(field.type, 2) + number(values.count, word)
      if bytes.count > word {
        directory += number(position, word)
        arrays += bytes
        position += bytes.count
      } else {
        directory += bytes + [UInt8](repeating: 0, count: word - bytes.count)
      }
    }
    let magic = Array((isBigEndian ? "MM" : "II").utf8) + number(isBig ? 43 : 42, 2)
    return magic + (isBig ? number(8, 2) + number(0, 2) : []) + number(start, word) + directory
      + number(0, word) + arrays + blocks.joined()
  }

  /// Strips or tiles, compressed.
  private func blocks(_ values: [Int]) -> [[UInt8]] {
    var blocks: [[UInt8]] = []
    for plane in 0..<(isPlanar ? samples : 1) {
      for y in stride(from: 0, to: height, by: tile ?? rowsPerStrip) {
        for x in stride(from: 0, to: width, by: tile ?? width) {
          let rows = (y..<(tile.map { y + $0 } ?? min(y + rowsPerStrip, height))).map { y in
            packed(
              (x..<(x + (tile ?? width))).flatMap { x in
                (isPlanar ? plane..<(plane + 1) : 0..<samples).map { sample in
                  x < width && y < height ? values[(y * width + x) * samples + sample] : 0
                }
              })
          }
          switch compression {
          case 8: blocks.append(deflated(Array(rows.joined())))
          case 32773:
            blocks.append(
              rows.flatMap { row in
                stride(from: 0, to: row.count, by: 128).flatMap { start in
                  let part = row[start..<min(row.count, start + 128)]
                  return [UInt8(part.count - 1)] + part
                }
              })
          default: blocks.append(Array(rows.joined()))
          }
        }
      }
    }
    return blocks
  }

  /// A row of samples in whole bytes.
  private func packed(_ row: [Int]) -> [UInt8] {
    if bits == 16 { return row.flatMap { number($0, 2) } }
    var bytes = [UInt8](repeating: 0, count: (row.count * bits + 7) / 8)
    for (i, value) in row.enumerated() {
      bytes[i * bits / 8] |= UInt8(value << (8 - bits - i * bits % 8))
    }
    return bytes
  }

  private func number(_ value: Int, _ count: Int) -> [UInt8] {
    isBigEndian ? low(value, count).reversed() : low(value, count)
  }
}

/// TIFFs of the usual compressions and WebPs, lossy and lossless, with and without alpha.
func encodedByOpenCV() throws -> [[UInt8]] {
  var files: [[UInt8]] = []
  for channels in [1, 3, 4] {
    let image = randomImage(width: 36, height: 21, channels: channels, seed: channels)
    // IMWRITE_TIFF_COMPRESSION: LZW, deflate of two names, PackBits.
    for code: Int32 in [5, 8, 32946, 32773] {
      files.append(try referenceEncode(image, ".tiff", [259, code]))
      files.append(try referenceEncode(image, ".tiff", bits: 16, [259, code]))
    }
    // IMWRITE_WEBP_QUALITY: above 100 is lossless.
    for quality: Int32 in [30, 95, 101] {
      files.append(try referenceEncode(image, ".webp", [64, quality]))
    }
    if channels < 4 { files.append(try referenceEncode(image, ".tiff", [259, 7])) }
    files.append(try referenceEncode(image, ".bmp"))
  }
  return files
}
