#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Exponential, logarithm and normal distribution without calls or branches, so that loops over
/// them are vectorised. `Double`, which is for checks, uses the C library.
extension Float {
  /// eˣ within 2 ulp; 0 below −87, infinite above 88.722.
  ///
  /// eˣ = 2ⁿ·eʳ, n = round(x/ln 2), abs(r) ≤ ½ ln 2, eʳ by a polynomial of degree 7.
  ///
  /// Source: Cephes `expf` (Moshier 1989).
  @inlinable @inline(__always)
  public static func vectorExp(_ x: Float) -> Float {
    let clamped = x < -87 ? -87 : x > 89 ? 89 : x
    // Adding 1.5·2²³ leaves the rounded integer in the low bits.
    let shifted = clamped * 1.442_695_04 + 12_582_912
    let n = shifted - 12_582_912
    let r = clamped - n * 0.693_359_375 + n * 2.121_944_40e-4
    var y: Float = 1.987_569_15e-4
    y = y * r + 1.398_199_95e-3
    y = y * r + 8.333_451_91e-3
    y = y * r + 4.166_579_59e-2
    y = y * r + 1.666_666_55e-1
    y = y * r + 5.000_000_12e-1
    y = y * (r * r) + r + 1
    // 2·2ⁿ⁻¹, so that n = 128 is still in range.
    let exponent = Int32(bitPattern: shifted.bitPattern) &- 0x4B40_0000 &+ 126
    let power = Float(bitPattern: UInt32(bitPattern: exponent &<< 23))
    let result = (y + y) * power
    return x < -87 ? 0 : x > 88.722_83 ? .infinity : result
  }

  /// ln x within 2 ulp; −∞ for 0 and subnormal x. For finite x ≥ 0.
  ///
  /// Source: Cephes `logf` (Moshier 1989).
  @inlinable @inline(__always)
  public static func vectorLog(_ x: Float) -> Float {
    let bits = Int32(bitPattern: x.bitPattern)
    let exponent = (bits &- 0x3F35_04F3) &>> 23
    let f = Float(bitPattern: UInt32(bitPattern: bits &- (exponent &<< 23))) - 1
    let k = Float(exponent)
    let square = f * f
    var y: Float = 7.037_683_63e-2
    y = y * f - 1.151_461_03e-1
    y = y * f + 1.167_699_87e-1
    y = y * f - 1.242_014_08e-1
    y = y * f + 1.424_932_28e-1
    y = y * f - 1.666_805_77e-1
    y = y * f + 2.000_071_48e-1
    y = y * f - 2.499_999_4e-1
    y = y * f + 3.333_333_12e-1
    y = y * f * square - k * 2.121_944_40e-4 - 0.5 * square
    let result = f + y + k * 0.693_359_375
    return x < 1.175_494_4e-38 ? -.infinity : result
  }

  /// Φ(x) = ½·erfc(−x/√2) within 9 ulp for x ≥ −4 and 80 ulp for x ≥ −13; 0 below −13.2.
  ///
  /// For x < 0 it is e^(−x²/2)·t·p(t), t = 1/(1 + 0.34·abs(x)), with p a polynomial of degree 8;
  /// for x ≥ 0 it is 1 − Φ(−x). The polynomial's own relative error is 2.4e-8: a least-squares
  /// fit on 0…13.2, reweighted until its errors were even.
  @inlinable @inline(__always)
  public static func vectorNormalCDF(_ x: Float) -> Float {
    let t = 1 / (1 + 0.34 * Swift.abs(x))
    var y: Float = -2.652_321_4e-2
    y = y * t + 1.413_916_3e-1
    y = y * t - 2.768_955_2e-1
    y = y * t + 2.063_067e-1
    y = y * t - 4.743_430_4e-2
    y = y * t + 1.164_560_3e-1
    y = y * t + 1.149_331_5e-1
    y = y * t + 1.361_469_3e-1
    y = y * t + 1.356_186_1e-1
    let tail = y * t * vectorExp(-0.5 * (x * x))
    return x < 0 ? tail : 1 - tail
  }
}

extension Double {
  @inlinable @inline(__always)
  public static func vectorExp(_ x: Double) -> Double { exp(x) }

  @inlinable @inline(__always)
  public static func vectorLog(_ x: Double) -> Double { log(x) }

  @inlinable @inline(__always)
  public static func vectorNormalCDF(_ x: Double) -> Double {
    0.5 * erfc(-x * 0.5.squareRoot())
  }
}

extension FloatingScalar {
  /// ln(1 + x) for x in [0, 1], accurate for small x too: ln(u)·x/(u − 1), u = 1 + x (Kahan).
  @inlinable @inline(__always)
  public static func vectorLog1p(_ x: Self) -> Self {
    let u = 1 + x
    let difference = u - 1
    return difference == 0 ? x : vectorLog(u) * (x / (difference == 0 ? 1 : difference))
  }
}
