import AthanorCore
import AthanorVision
import CTurboJPEG
import Testing

/// A PNG made chunk by chunk, so that it can be of any kind and any field of it wrong.
struct PNGFile {
  static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
  /// Every pair of colour type and depth that the format allows.
  static let kinds: [(colorType: Int, depth: Int)] =
    [1, 2, 4, 8, 16].map { (0, $0) } + [1, 2, 4, 8].map { (3, $0) }
    + [2, 4, 6].flatMap { type in [8, 16].map { (type, $0) } }

  var width: Int
  var height: Int
  var colorType = 0
  var depth = 8
  var isInterlaced = false
  var palette: [UInt8] = []
  /// Chunks before the pixels, by type.
  var extra: [(String, [UInt8])] = []

  /// The file with random samples, each row under a random filter, in stored deflate blocks.
  func encoded(_ generator: inout Generator) -> [UInt8] {
    var rows: [UInt8] = []
    let bits = depth * [1, 0, 3, 1, 2, 0, 4][colorType]
    for (x, y, dx, dy) in isInterlaced ? Self.passes : [(0, 0, 1, 1)] {
      let columns = (width - x + dx - 1) / dx
      guard columns > 0, height > y else { continue }
      for _ in 0..<((height - y + dy - 1) / dy) {
        rows.append(UInt8(generator.integer(in: 0..<5)))
        rows += (0..<((columns * bits + 7) / 8)).map { _ in
          UInt8(truncatingIfNeeded: generator.next() >> 9)
        }
      }
    }
    let header = word(width) + word(height) + [UInt8(depth), UInt8(colorType), 0, 0]
    return Self.signature + chunk("IHDR", header + [isInterlaced ? 1 : 0])
      + (palette.isEmpty ? [] : chunk("PLTE", palette))
      + extra.flatMap { chunk($0.0, $0.1) } + chunk("IDAT", deflated(rows)) + chunk("IEND", [])
  }

  private static let passes = [
    (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
    (0, 1, 1, 2),
  ]
}

/// A zlib stream of stored blocks.
func deflated(_ bytes: [UInt8]) -> [UInt8] {
  var result: [UInt8] = [0x78, 0x01]
  for start in stride(from: 0, to: max(1, bytes.count), by: 65535) {
    let block = bytes[start..<min(bytes.count, start + 65535)]
    let length = [UInt8(block.count & 255), UInt8(block.count >> 8)]
    result += [start + 65535 >= bytes.count ? 1 : 0] + length + length.map { ~$0 } + block
  }
  var (a, b) = (1, 0)
  for byte in bytes {
    a = (a + Int(byte)) % 65521
    b = (b + a) % 65521
  }
  return result + word(b << 16 | a)
}

/// A PNG chunk with its length and its check sum.
func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
  let body = Array(type.utf8) + data
  return word(data.count) + body + word(Int(crc32(body[...])))
}

/// The four bytes of a big-endian number.
func word(_ value: Int) -> [UInt8] {
  [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
}

func crc32(_ bytes: ArraySlice<UInt8>) -> UInt32 {
  ~bytes.reduce(~UInt32(0)) { crcTable[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ $0 >> 8 }
}

private let crcTable: [UInt32] = (0..<256).map { byte in
  (0..<8).reduce(UInt32(byte)) { crc, _ in crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
}

/// A JPEG of an image of 1, 3 or 4 (then CMYK) channels.
func jpeg(
  _ image: Image, sampling: TJSAMP = TJSAMP_420, isProgressive: Bool = false
) throws -> [UInt8] {
  let encoder = try #require(tjInitCompress())
  var buffer: UnsafeMutablePointer<UInt8>?
  var size: UInt = 0
  defer {
    tjFree(buffer)
    tjDestroy(encoder)
  }
  let format = [1: TJPF_GRAY, 3: TJPF_RGB, 4: TJPF_CMYK][image.channels]!
  let status = tjCompress2(
    encoder, image.pixels, Int32(image.width), 0, Int32(image.height), Int32(format.rawValue),
    &buffer, &size, Int32((image.channels == 1 ? TJSAMP_GRAY : sampling).rawValue), 80,
    isProgressive ? TJFLAG_PROGRESSIVE : 0)
  try #require(status == 0, "\(String(cString: tjGetErrorStr2(encoder)))")
  return [UInt8](UnsafeBufferPointer(start: buffer, count: Int(size)))
}

/// Where the size of a JPEG stands: the height, then the width, of two bytes each.
func jpegSizeOffset(_ bytes: [UInt8]) -> Int? {
  var position = 2
  while position + 9 < bytes.count, bytes[position] == 0xFF {
    if (0xC0...0xC2).contains(bytes[position + 1]) { return position + 5 }
    position += 2 + Int(bytes[position + 2]) << 8 + Int(bytes[position + 3])
  }
  return nil
}

/// Small files of every kind: what hostile ones are made from.
func generatedFiles() throws -> [[UInt8]] {
  var generator = Generator(11)
  var files: [[UInt8]] = []
  for (i, kind) in PNGFile.kinds.enumerated() {
    for isInterlaced in [false, true] {
      let palette = (0..<(3 << min(kind.depth, 8))).map { UInt8(truncatingIfNeeded: $0 &* 37) }
      let file = PNGFile(
        width: 19, height: 5 + i, colorType: kind.colorType, depth: kind.depth,
        isInterlaced: isInterlaced, palette: kind.colorType == 3 ? palette : [],
        extra: i % 3 == 0 ? [("gAMA", word(45455)), ("eXIf", exif(orientation: i % 9))] : [])
      files.append(file.encoded(&generator))
    }
  }
  for channels in [1, 3, 4] {
    for (sampling, isProgressive) in [(TJSAMP_420, false), (TJSAMP_444, true), (TJSAMP_422, true)] {
      let image = randomImage(width: 37, height: 21, channels: channels, seed: channels)
      files.append(try jpeg(image, sampling: sampling, isProgressive: isProgressive))
    }
  }
  files += BMPFile.kinds.map { $0.encoded(&generator) }
  files += TIFFFile.kinds.map { $0.encoded(&generator) }
  return try files + encodedByOpenCV()
}

/// EXIF data of one entry, as PNG holds it.
func exif(orientation: Int) -> [UInt8] {
  Array("MM".utf8) + [0, 42] + word(8) + [0, 1, 0x01, 0x12, 0, 3] + word(1)
    + [0, UInt8(orientation), 0, 0] + word(0)
}
