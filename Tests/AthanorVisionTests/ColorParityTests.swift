import AthanorCore
import AthanorKernels
import AthanorVision
import CppReference
import Testing

extension ColorSpace {
  /// Its number in `cppref_color_space`.
  fileprivate var code: Int32 {
    switch self {
    case .hsv: 0
    case .hls: 1
    case .yCrCb: 2
    case .lab: 3
    }
  }
}

/// Pairs of our colour and tone ops and OpenCV's.
@Suite("Colours and tones against OpenCV", .serialized)
struct ColorParityTests {
  @Test("Conversions", arguments: ColorSpace.allCases)
  func conversions(space: ColorSpace) throws {
    try Case.sweep(channels: [3], seed: 21) { image, _ in
      [
        Case("to \(space)", image.shape) {
          cppref_rgb_to($0, $1, space.code)
        } ours: {
          AthanorVision.convert($0, to: space, into: $1)
        },
        Case("from \(space)", image.shape) {
          cppref_rgb_from($0, $1, space.code)
        } ours: {
          AthanorVision.convert($0, from: space, into: $1)
        },
      ]
    }
  }

  /// 4096 pixels a row lie in OpenCV's vectors, one pixel a row is what is left of them.
  @Test("Conversions of all 2²⁴ triples", arguments: ColorSpace.allCases, [4096, 1])
  func allTriples(space: ColorSpace, width: Int) throws {
    let image = Image(
      width: width, height: (1 << 24) / width, channels: 3,
      pixels: [UInt8](unsafeUninitializedCapacity: 3 << 24) { buffer, count in
        for i in 0..<(1 << 24) {
          buffer[3 * i] = UInt8(i >> 16)
          buffer[3 * i + 1] = UInt8(i >> 8 & 255)
          buffer[3 * i + 2] = UInt8(i & 255)
        }
        count = 3 << 24
      })
    var expected = image
    for (name, ours, reference) in [
      ("to", image.converted(to: space), cppref_rgb_to),
      ("from", image.converted(from: space), cppref_rgb_from),
    ] {
      let status = image.withPixels { src in
        expected.withMutablePixels { reference(src.reference, $0.reference, space.code) }
      }
      try #require(status == 0, "OpenCV: \(String(cString: cppref_last_error()))")
      if ours == expected { continue }
      let i = zip(ours.pixels, expected.pixels).enumerated().first { $1.0 != $1.1 }!.offset / 3
      let triple = { (image: Image) in Array(image.pixels[(3 * i)..<(3 * i + 3)]) }
      Issue.record(
        """
        \(name) \(space), \(width) a row: \(triple(image)) became \(triple(ours)), \
        reference \(triple(expected))
        """)
    }
  }

  @Test("swap_channels")
  func swapChannels() throws {
    try Case.sweep(channels: [3, 4], seed: 22) { image, _ in
      [
        Case("", image.shape) {
          cppref_swap_channels($0, $1)
        } ours: {
          AthanorVision.swapChannels($0, into: $1)
        }
      ]
    }
  }

  @Test("lut")
  func lookUp() throws {
    try Case.sweep(channels: [1, 3, 4], seed: 23) { image, generator in
      [1, image.channels].map { channels in
        let table = (0..<(256 * channels)).map { _ in UInt8(generator.integer(in: 0..<256)) }
        return Case("of \(channels) channels", image.shape) {
          cppref_lut($0, $1, table, Int32(channels))
        } ours: {
          AthanorVision.lookUp($0, into: $1, table)
        }
      }
    }
  }

  @Test("gamma")
  func gamma() throws {
    try Case.sweep(channels: [1, 3], seed: 24) { image, generator in
      [0.1, 0.45, 1, 2.2, 7, generator.uniform(0.3, 3)].map { exponent in
        Case("\(exponent)", image.shape) {
          cppref_gamma($0, $1, exponent)
        } ours: {
          AthanorVision.gamma($0, into: $1, exponent: exponent)
        }
      }
    }
  }

  @Test("equalize_hist")
  func equalizeHistogram() throws {
    try Case.sweep(channels: [1], seed: 25) { image, _ in
      [
        Case("", image.shape) {
          cppref_equalize_hist($0, $1)
        } ours: {
          AthanorVision.equalizeHistogram($0, into: $1)
        }
      ]
    }
  }

  @Test("clahe")
  func clahe() throws {
    try Case.sweep(channels: [1], seed: 26) { image, generator in
      [
        (2, 8, 8), (40, 8, 8), (0, 4, 4), (3, 1, 1), (1.5, 7, 5), (4, 64, 48),
        (
          generator.uniform(0.1, 60), generator.integer(in: 1..<12), generator.integer(in: 1..<12)
        ),
      ].map { (limit: Double, x: Int, y: Int) in
        Case("\(limit), \(x)×\(y) tiles", image.shape) {
          cppref_clahe($0, $1, limit, Int32(x), Int32(y))
        } ours: {
          AthanorVision.clahe($0, into: $1, clipLimit: limit, tiles: (x, y))
        }
      }
    }
  }
}

extension Pixels {
  fileprivate var reference: cppref_image {
    cppref_image(
      data: base, width: Int32(width), height: Int32(height), channels: Int32(channels),
      stride: stride)
  }
}

extension MutablePixels {
  fileprivate var reference: cppref_output {
    cppref_output(
      data: base, width: Int32(width), height: Int32(height), channels: Int32(channels),
      stride: stride)
  }
}
