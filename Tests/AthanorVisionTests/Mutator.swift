import AthanorCore
import AthanorVision

/// Damaged variants of image files: `Mutator(files).file(seed, i)` is always the same.
struct Mutator {
  let originals: [[UInt8]]

  /// The `i`-th variant under `seed`: one to four mutations of one original.
  ///
  /// Three of four PNGs get check sums that fit again, so that the damage reaches the decoder.
  func file(_ seed: Int, _ i: Int) -> [UInt8] {
    var generator = Generator(seed, i)
    var bytes = original(&generator)
    for _ in 0..<generator.integer(in: 1..<5) where !bytes.isEmpty { mutate(&bytes, &generator) }
    if generator.chance(0.75) { repairPNG(&bytes) }
    return bytes
  }

  private func original(_ generator: inout Generator) -> [UInt8] {
    originals[generator.integer(in: 0..<originals.count)]
  }

  private func mutate(_ bytes: inout [UInt8], _ generator: inout Generator) {
    let count = bytes.count
    let position = generator.integer(in: 0..<count)
    let block = position..<min(count, position + (1 << generator.integer(in: 0..<10)))
    switch generator.integer(in: 0..<10) {
    case 0: bytes[position] ^= 1 << UInt8(generator.integer(in: 0..<8))
    case 1: bytes[position] = UInt8(generator.integer(in: 0..<256))
    case 2: put(Self.values[generator.integer(in: 0..<Self.values.count)], position, &bytes)
    case 3: bytes.removeSubrange(position...)
    case 4: bytes.removeSubrange(block)
    case 5: bytes.insert(contentsOf: bytes[block], at: generator.integer(in: 0..<(count + 1)))
    case 6: put(Array(bytes[block]), generator.integer(in: 0..<count), &bytes)
    case 7:
      let other = original(&generator)
      guard !other.isEmpty else { return }
      bytes = Array(bytes[..<position]) + other[generator.integer(in: 0..<other.count)...]
    default: mutateHeader(&bytes, &generator)
    }
  }

  /// The numbers at which arithmetic turns, in one, two and four bytes.
  private static let values: [[UInt8]] = [
    [0], [0x7F], [0x80], [0xFF], [0, 0], [0, 1], [0x7F, 0xFF], [0x80, 0], [0xFF, 0xFF],
    [0, 0, 0, 0], [0x7F, 0xFF, 0xFF, 0xFF], [0x80, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0xFF],
    [0xFF, 0xFF, 0xFF, 0xF0], [0xFF, 0xD9], [0xFF, 0xDA], [0xFF, 0xD0],
  ]

  private func put(_ value: [UInt8], _ position: Int, _ bytes: inout [UInt8]) {
    for (i, byte) in value.enumerated() where position + i < bytes.count {
      bytes[position + i] = byte
    }
  }

  /// Changes a size, a depth, a colour type or a component of a header.
  private func mutateHeader(_ bytes: inout [UInt8], _ generator: inout Generator) {
    let sizes = [0, 1, 2, 7, 8, 9, 16, 33, 255, 256, 1000, 4096, 32767, 32768, 65500, 65535]
    let size = sizes[generator.integer(in: 0..<sizes.count)]
    if bytes.starts(with: PNGFile.signature), bytes.count > 28 {
      switch generator.integer(in: 0..<6) {
      case 0: put(word(size), 16, &bytes)
      case 1: put(word(size), 20, &bytes)
      case 2: bytes[24] = [0, 1, 2, 4, 8, 16, 32][generator.integer(in: 0..<7)]
      case 3: bytes[25] = UInt8(generator.integer(in: 0..<8))
      case 4: bytes[28] ^= 1
      default: put(word(Int(generator.next() & 0xFFFF_FFFF)), 16, &bytes)
      }
    } else if bytes.starts(with: Array("BM".utf8)), bytes.count > 54 {
      let field = [10, 14, 18, 22, 28, 30, 46][generator.integer(in: 0..<7)]
      put(word(size).reversed(), field, &bytes)
    } else if ImageKind(startingWith: bytes) == .tiff {
      // A value in the directory of a file made here, in either byte order.
      let entry = 8 + 2 + 12 * generator.integer(in: 0..<14)
      put(word(size), entry + 8, &bytes)
      if bytes[0] == 0x49 { put(word(size).reversed(), entry + 8, &bytes) }
    } else if let start = jpegSizeOffset(bytes) {
      let two = [UInt8(size >> 8), UInt8(size & 255)]
      switch generator.integer(in: 0..<6) {
      case 0: put(two, start, &bytes)
      case 1: put(two, start + 2, &bytes)
      case 2: put([UInt8(generator.integer(in: 0..<6))], start + 4, &bytes)
      case 3: put([UInt8(generator.integer(in: 0..<256))], start + 6, &bytes)
      case 4: put([[8, 12, 16, 0][generator.integer(in: 0..<4)]], start - 1, &bytes)
      default: bytes[start - 4] = 0xC0 + UInt8(generator.integer(in: 0..<16))
      }
    }
  }

  /// Gives every chunk of a PNG the check sum of what it holds.
  private func repairPNG(_ bytes: inout [UInt8]) {
    guard bytes.starts(with: PNGFile.signature) else { return }
    var position = 8
    while position + 12 <= bytes.count {
      let length = bytes[position..<(position + 4)].reduce(0) { $0 << 8 | Int($1) }
      guard length <= bytes.count - position - 12 else { return }
      let end = position + 8 + length
      put(word(Int(crc32(bytes[(position + 4)..<end]))), end, &bytes)
      position = end + 4
    }
  }
}
