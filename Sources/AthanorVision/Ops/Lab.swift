#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// CIE L*a*b* from sRGB under D65 in 8 bits: L scaled by 255/100, a and b offset by 128.
///
/// The channels lose their gamma (0…2040), become X, Y, Z relative to white (12-bit weights) and
/// pass `f(t) = ∛t`, or `841/108·t + 16/116` below `t = 216/24389` (15 bits). Then, each rounded,
/// `L = 255/100·(116·f(Y) − 16)`, `a = 500·(f(X) − f(Y)) + 128`, `b = 200·(f(Y) − f(Z)) + 128`.
/// Parity: `cv::cvtColor(COLOR_RGB2Lab)`, byte for byte.
func rgbToLab(_ src: Pixels, into dst: MutablePixels) {
  withExtendedLifetime(LabTables.shared) { tables in
    let (red, green, blue, root) = (tables.red, tables.green, tables.blue, tables.root)
    mapColorRows("rgbToLab", src, into: dst) { src, dst, width in
      for x in 0..<width {
        let (from, to) = (src + 3 &* x, dst + 3 &* x)
        let xyz = (red[Int(from[0])] &+ green[Int(from[1])] &+ blue[Int(from[2])]) &>> 12
        let fx = Int32(root[Int(xyz[0])])
        let fy = Int32(root[Int(xyz[1])])
        let fz = Int32(root[Int(xyz[2])])
        to[0] = UInt8(truncatingIfNeeded: (296 &* fy &- 1_320_550) &>> 15)
        to[1] = UInt8(truncatingIfNeeded: (500 &* (fx &- fy) &+ 4_210_688) &>> 15)
        to[2] = UInt8(truncatingIfNeeded: (200 &* (fy &- fz) &+ 4_210_688) &>> 15)
      }
    }
  }
}

/// sRGB from 8-bit CIE L*a*b*, the inverse of the above in 14-bit steps.
///
/// Parity: `cv::cvtColor(COLOR_Lab2RGB)`, byte for byte.
func rgbFromLab(_ src: Pixels, into dst: MutablePixels) {
  withExtendedLifetime(LabTables.shared) { tables in
    let (lightness, cube, gamma) = (tables.lightness, tables.cube, tables.gamma)
    mapColorRows("rgbFromLab", src, into: dst) { src, dst, width in
      for i in 0..<width {
        let (from, to) = (src + 3 &* i, dst + 3 &* i)
        let (l, a, b) = (Int(from[0]), Int32(from[1]), Int32(from[2]))
        let y = lightness[2 &* l]
        let fy = lightness[2 &* l &+ 1]
        let da = (5 &* a &* 53687 &+ 128) &>> 13 &- 4194
        let db = (b &* 41943 &+ 16) &>> 9 &- 10484
        let x = cube[Int(fy &+ da &+ 8145)]
        let z = cube[Int(fy &- db &+ 8145)]
        @inline(__always) func channel(_ cx: Int32, _ cy: Int32, _ cz: Int32) -> UInt8 {
          let value = (cx &* x &+ cy &* y &+ cz &* z &+ 8192) &>> 14
          return gamma[Int(max(0, min(4095, value)))]
        }
        to[0] = channel(12615, -6296, -2223)
        to[1] = channel(-3773, 7684, 185)
        to[2] = channel(217, -836, 4715)
      }
    }
  }
}

/// The tables of the conversions; created once, never freed.
private final class LabTables: Sendable {
  static let shared = LabTables()

  /// sRGB value → its share of X·2¹², Y·2¹² and Z·2¹², linear in 0…2040.
  nonisolated(unsafe) let red: UnsafePointer<SIMD4<Int32>>
  nonisolated(unsafe) let green: UnsafePointer<SIMD4<Int32>>
  nonisolated(unsafe) let blue: UnsafePointer<SIMD4<Int32>>
  /// t·2040 → f(t)·2¹⁵.
  nonisolated(unsafe) let root: UnsafePointer<UInt16>
  /// L → Y·2¹⁴ and f(Y)·2¹⁴.
  nonisolated(unsafe) let lightness: UnsafePointer<Int32>
  /// f(t)·2¹⁴ + 8145 → t·2¹⁴.
  nonisolated(unsafe) let cube: UnsafePointer<Int32>
  /// Linear in 0…4095 → sRGB value.
  nonisolated(unsafe) let gamma: UnsafePointer<UInt8>

  private init() {
    let linear = { (v: Int) -> Int32 in
      let x = Double(v) / 255
      let y = x <= 0.04045 ? x / 12.92 : pow((x + 0.055) / 1.055, 2.4)
      return Int32((2040 * y).rounded(.toNearestOrEven))
    }
    red = Self.table(256) { SIMD4(1777, 871, 73, 0) &* linear($0) &+ 2048 }
    green = Self.table(256) { SIMD4(1541, 2929, 448, 0) &* linear($0) }
    blue = Self.table(256) { SIMD4(778, 296, 3575, 0) &* linear($0) }
    root = Self.table(3072) { i in
      // As OpenCV's software floats have it: its cube root is truncated to 24 bits, not rounded.
      let t = Float(i) * (1 / 2040)
      let cut = Float(Double(bitPattern: cbrt(Double(t)).bitPattern & ~0x1FFF_FFFF))
      let line = Float(Double(t) * Double(841 / 108 as Float) + Double(16 / 116 as Float))
      let f = t < 216 / 24389 ? line : cut
      return UInt16((32768 * f).rounded(.toNearestOrEven))
    }
    gamma = Self.table(4096) { i in
      let x = Double(i) / 4096
      let y = x <= 0.0031308 ? x * 12.92 : 1.055 * pow(x, 1 / 2.4) - 0.055
      return UInt8((255 * y).rounded(.toNearestOrEven))
    }
    let one = 16384.0
    lightness = Self.table(512) { i in
      let l = Double(i / 2)
      let isY = i % 2 == 0
      if l <= 20 {
        return Int32(
          (isY
            ? one * l * 20 * 9 / (17 * 29 * 29 * 29) : one * (16.0 / 116 + l * 5 / (3 * 17 * 29)))
            .rounded(.toNearestOrEven))
      }
      let f = l * 100 * one / (255 * 116) + 16 * one / 116
      return Int32((isY ? f * f * f / (one * one) : f).rounded(.toNearestOrEven))
    }
    cube = Self.table(36864) { index in
      let i = index - 8145
      if i <= 3390 { return Int32(i * 108 / 841 - 16384 * 16 / 116 * 108 / 841) }
      return Int32(i * i / 16384 * i / 16384)
    }
  }

  private static func table<Entry>(_ count: Int, _ entry: (Int) -> Entry) -> UnsafePointer<Entry> {
    let memory = UnsafeMutablePointer<Entry>.allocate(capacity: count)
    for i in 0..<count { (memory + i).initialize(to: entry(i)) }
    return UnsafePointer(memory)
  }
}
