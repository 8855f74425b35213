import CSPNG

/// How the samples of a PNG are stored, and their conversion to pixels.
struct PNGLayout {
  let width: Int
  let height: Int
  /// Bits per sample: 1, 2, 4, 8 or 16.
  let depth: Int
  /// Samples per pixel.
  let channels: Int
  let isPalette: Bool

  init(_ header: spng_ihdr) {
    width = Int(header.width)
    height = Int(header.height)
    depth = Int(header.bit_depth)
    isPalette = header.color_type == 3
    channels = [1, 1, 3, 1, 2, 1, 4][Int(min(header.color_type, 6))]
  }

  var bitsPerPixel: Int { depth * channels }
  /// Bytes of a row of samples: rows start on whole bytes.
  var rowBytes: Int { (width * bitsPerPixel + 7) / 8 }
  var byteCount: Int { rowBytes * height }

  /// The samples as stored, one value each.
  func stored(_ samples: [UInt8]) -> StoredImage.Samples {
    guard depth == 16 else { return .bytes(unpacked(samples, scaledTo8Bits: false)) }
    return .words(samples.withUnsafeBytes { Array($0.bindMemory(to: UInt16.self)) })
  }

  /// RGB triples.
  func color(_ samples: [UInt8], _ palette: [UInt8]) -> [UInt8] {
    if isPalette {
      return Self.lookUp(unpacked(samples, scaledTo8Bits: false), palette)
    }
    let bytes = depth == 16 ? highBytes(samples) : unpacked(samples, scaledTo8Bits: true)
    if channels == 3 { return bytes }
    return [UInt8](unsafeUninitializedCapacity: width * height * 3) { rgb, count in
      bytes.withUnsafeBufferPointer { source in
        for i in 0..<(width * height) {
          let p = i &* channels
          let step = channels == 4 ? 1 : 0
          rgb[3 &* i] = source[p]
          rgb[3 &* i &+ 1] = source[p &+ step]
          rgb[3 &* i &+ 2] = source[p &+ 2 &* step]
        }
      }
      count = width * height * 3
    }
  }

  /// One gray value per pixel.
  func gray(
    _ samples: [UInt8], _ palette: [UInt8], gamma: @autoclosure () -> Int?
  ) -> [UInt8] {
    if isPalette {
      let rgb = Self.lookUp(unpacked(samples, scaledTo8Bits: false), palette)
      return PNGGray(gamma: gamma(), depth: 8).converted(rgb, channels: 3)
    }
    if channels >= 3 {
      return PNGGray(gamma: gamma(), depth: depth).converted(samples, channels: channels)
    }
    let bytes = depth == 16 ? highBytes(samples) : unpacked(samples, scaledTo8Bits: true)
    if channels == 1 { return bytes }
    return (0..<(width * height)).map { bytes[2 * $0] }
  }

  static func lookUp(_ indices: [UInt8], _ palette: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: indices.count * 3) { rgb, count in
      palette.withUnsafeBufferPointer { colors in
        for (i, index) in indices.enumerated() {
          let entry = 3 &* Int(index)
          rgb[3 &* i] = colors[entry]
          rgb[3 &* i &+ 1] = colors[entry &+ 1]
          rgb[3 &* i &+ 2] = colors[entry &+ 2]
        }
      }
      count = indices.count * 3
    }
  }

  /// The high bytes of 16-bit samples in the machine's byte order.
  private func highBytes(_ samples: [UInt8]) -> [UInt8] {
    samples.withUnsafeBytes { bytes in
      bytes.bindMemory(to: UInt16.self).map { UInt8(truncatingIfNeeded: $0 >> 8) }
    }
  }

  /// One byte per sample from rows of 1, 2 or 4 bits, spread over 0…255 where asked for.
  private func unpacked(_ samples: [UInt8], scaledTo8Bits: Bool) -> [UInt8] {
    guard depth < 8 else { return samples }
    let mask = UInt8(truncatingIfNeeded: (1 << depth) - 1)
    let factor = scaledTo8Bits ? 255 / mask : 1
    return [UInt8](unsafeUninitializedCapacity: width * height) { values, count in
      for y in 0..<height {
        for x in 0..<width {
          let bit = x * depth
          let byte = samples[y * rowBytes + bit >> 3]
          values[y * width + x] = (byte >> UInt8(8 - depth - bit & 7) & mask) &* factor
        }
      }
      count = width * height
    }
  }
}
