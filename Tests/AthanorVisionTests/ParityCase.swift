import AthanorCore
import AthanorKernels
import AthanorVision
import CppReference
import Testing

/// One call of an op with both implementations.
struct Case {
  let name: String
  let shape: (width: Int, height: Int, channels: Int)
  let reference: (cppref_image, cppref_output) -> Int32
  let ours: (Pixels, MutablePixels) -> Void

  init(
    _ name: String, _ shape: (Int, Int, Int),
    reference: @escaping (cppref_image, cppref_output) -> Int32,
    ours: @escaping (Pixels, MutablePixels) -> Void
  ) {
    self.name = name
    self.shape = shape
    self.reference = reference
    self.ours = ours
  }

  /// Images of every size and content, each with the cases that `cases` makes for it, with a stride
  /// wider than the row, at one thread or two.
  static func sweep(
    channels: [Int], seed: Int, _ cases: (Image, inout Generator) -> [Case]
  ) throws {
    let threads = Threads.count
    defer { Threads.count = threads }
    for (i, size) in OpParityTests.sizes.enumerated() {
      for channels in channels {
        for content in Content.allCases {
          var generator = Generator(seed, i, channels, content.rawValue)
          let image = content.image(size.0, size.1, channels, &generator)
          for item in cases(image, &generator) {
            Threads.count = generator.chance(0.2) ? 2 : 1
            let padding = generator.integer(in: 0..<5)
            let difference = item.difference(on: image, padding: padding)
            try #require(
              difference == nil,
              """
              \(item.name) on \(image) \(content), seed \(seed), padding \(padding), \
              \(Threads.count) threads: \(difference ?? "")
              """)
          }
        }
      }
    }
  }

  /// Runs both on `image` and says where they differ first.
  private func difference(on image: Image, padding: Int) -> String? {
    var source = Strided(image.width, image.height, image.channels, padding)
    for y in 0..<image.height {
      let row = image.width * image.channels
      source.bytes.replaceSubrange(
        (y * source.stride)..<(y * source.stride + row),
        with: image.pixels[(y * row)..<((y + 1) * row)])
    }
    var expected = Strided(shape.width, shape.height, shape.channels, padding)
    var actual = expected
    let status = source.withReference { src in
      expected.withReferenceOutput { dst in reference(src, dst) }
    }
    guard status == 0 else { return "OpenCV: \(String(cString: cppref_last_error()))" }
    source.withPixels { src in actual.withMutablePixels { ours(src, $0) } }
    // The padding behind each row is compared too: nobody may write there.
    if actual.bytes == expected.bytes { return nil }
    let i = zip(actual.bytes, expected.bytes).enumerated().first { $1.0 != $1.1 }!.offset
    let (y, x) = i.quotientAndRemainder(dividingBy: actual.stride)
    return "first at x \(x / shape.channels), y \(y), channel \(x % shape.channels) of "
      + "\(shape.width)×\(shape.height): \(actual.bytes[i]), reference \(expected.bytes[i])"
  }
}

/// What a generated image holds.
enum Content: Int, CaseIterable {
  case random, ramp, constant, checkerboard, hotPixel, extremes

  func image(_ width: Int, _ height: Int, _ channels: Int, _ generator: inout Generator) -> Image {
    let level = UInt8(generator.integer(in: 0..<256))
    let hot = generator.integer(in: 0..<(width * height * channels))
    let pixels = (0..<(width * height * channels)).map { i -> UInt8 in
      let (y, x) = (i / channels).quotientAndRemainder(dividingBy: width)
      switch self {
      case .random: return UInt8(truncatingIfNeeded: generator.next() >> 13)
      case .ramp: return UInt8(truncatingIfNeeded: x * 3 + y * 5 + i % channels * 40)
      case .constant: return level
      case .checkerboard: return (x + y) % 2 == 0 ? 255 : 0
      case .hotPixel: return i == hot ? 255 : 0
      case .extremes: return generator.chance(0.5) ? 0 : 255
      }
    }
    return Image(width: width, height: height, channels: channels, pixels: pixels)
  }
}

/// An image whose rows are further apart than they are long.
private struct Strided {
  let width: Int
  let height: Int
  let channels: Int
  let stride: Int
  var bytes: [UInt8]

  init(_ width: Int, _ height: Int, _ channels: Int, _ padding: Int) {
    (self.width, self.height, self.channels) = (width, height, channels)
    stride = width * channels + padding
    bytes = [UInt8](repeating: 0xA5, count: stride * height)
  }

  func withReference<R>(_ body: (cppref_image) -> R) -> R {
    bytes.withUnsafeBufferPointer {
      body(
        cppref_image(
          data: $0.baseAddress, width: Int32(width), height: Int32(height),
          channels: Int32(channels), stride: stride))
    }
  }

  mutating func withReferenceOutput<R>(_ body: (cppref_output) -> R) -> R {
    let (width, height, channels, stride) = (width, height, channels, stride)
    return bytes.withUnsafeMutableBufferPointer {
      body(
        cppref_output(
          data: $0.baseAddress, width: Int32(width), height: Int32(height),
          channels: Int32(channels), stride: stride))
    }
  }

  func withPixels(_ body: (Pixels) -> Void) {
    bytes.withUnsafeBufferPointer {
      body(
        Pixels(
          base: $0.baseAddress!, width: width, height: height, channels: channels, stride: stride))
    }
  }

  mutating func withMutablePixels(_ body: (MutablePixels) -> Void) {
    let (width, height, channels, stride) = (width, height, channels, stride)
    bytes.withUnsafeMutableBufferPointer {
      body(
        MutablePixels(
          base: $0.baseAddress!, width: width, height: height, channels: channels, stride: stride))
    }
  }
}

extension Image {
  var shape: (Int, Int, Int) { (width, height, channels) }
}
