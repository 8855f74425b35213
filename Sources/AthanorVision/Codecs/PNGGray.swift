#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Gray from the RGB samples of a PNG, as libpng computes it for `cv::imread(IMREAD_GRAYSCALE)`.
///
/// `gray = (9797·R + 19234·G + 3737·B) / 32768`, 0.299, 0.587 and 0.114 in 15 bits. A file with a
/// gamma (a `gAMA` or `sRGB` chunk) is averaged in linear light: each sample is raised
/// to `1/gamma` first and the sum is rounded and raised to `gamma`. Equal R, G and B are
/// unchanged.
///
/// Source: libpng 1.6, `png_set_rgb_to_gray`, as documented in its manual, section "Gamma".
struct PNGGray {
  /// Bits per sample, 8 or 16.
  let depth: Int
  private let toLinear: [UInt16]?
  private let fromLinear: [UInt16]

  init(gamma: Int?, depth: Int) {
    self.depth = depth
    guard let gamma, gamma > 0, gamma < 95_000 || gamma > 105_000 else {
      toLinear = nil
      fromLinear = []
      return
    }
    let inverse = Int((1e10 / Double(gamma) + 0.5).rounded(.down))
    let back = Int((1e10 / Double(inverse) + 0.5).rounded(.down))
    toLinear = Self.table(inverse, depth)
    fromLinear = Self.table(back, depth)
  }

  /// `round(max·(v/max)^(gamma/100,000))`. libpng keeps 11 bits of a 16-bit sample in its tables
  /// when the result is cut to 8 bits.
  private static func table(_ gamma: Int, _ depth: Int) -> [UInt16] {
    let exponent = Double(gamma) * 0.00001
    let significant = gamma < 95_000 || gamma > 105_000
    func curve(_ x: Double, _ top: Double) -> UInt16 {
      UInt16((top * pow(x, exponent) + 0.5).rounded(.down))
    }
    if depth == 8 {
      return (0..<256).map { (v: Int) -> UInt16 in
        significant && v > 0 && v < 255 ? curve(Double(v) / 255, 255) : UInt16(v)
      }
    }
    return (0..<2048).map { (v: Int) -> UInt16 in
      significant
        ? curve(Double(v) * (1.0 / 2047.0), 65535) : UInt16((v * 65535 + 1024) / 2047)
    }
  }

  /// One byte per pixel from interleaved samples of 3 or 4 channels (alpha is ignored).
  func converted(_ samples: [UInt8], channels: Int) -> [UInt8] {
    if depth == 8 {
      return samples.withUnsafeBufferPointer { convert($0, channels, shift: 0, outputShift: 0) }
    }
    return samples.withUnsafeBytes {
      convert($0.bindMemory(to: UInt16.self), channels, shift: 5, outputShift: 8)
    }
  }

  private func convert<Sample: FixedWidthInteger & UnsignedInteger>(
    _ samples: UnsafeBufferPointer<Sample>, _ channels: Int, shift: UInt32, outputShift: UInt32
  ) -> [UInt8] {
    let pixels = samples.count / channels
    return [UInt8](unsafeUninitializedCapacity: pixels) { gray, count in
      for i in 0..<pixels {
        var r = UInt32(samples[i &* channels])
        var g = UInt32(samples[i &* channels &+ 1])
        var b = UInt32(samples[i &* channels &+ 2])
        if r == g && r == b {
          // unchanged
        } else if let toLinear {
          r = UInt32(toLinear[Int(r >> shift)])
          g = UInt32(toLinear[Int(g >> shift)])
          b = UInt32(toLinear[Int(b >> shift)])
          r = (9797 &* r &+ 19234 &* g &+ 3737 &* b &+ 16384) >> 15
          r = UInt32(fromLinear[Int(r >> shift)])
        } else {
          r = (9797 &* r &+ 19234 &* g &+ 3737 &* b &+ (depth == 8 ? 0 : 16384)) >> 15
        }
        gray[i] = UInt8(truncatingIfNeeded: r >> outputShift)
      }
      count = pixels
    }
  }
}
