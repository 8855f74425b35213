#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The scalar types that are differentiated: `Float` for training, `Double` for checking gradients.
public protocol FloatingScalar: BinaryFloatingPoint, SIMDScalar, Codable, Sendable {
  static func exp(_ x: Self) -> Self
  static func log(_ x: Self) -> Self
  static func log1p(_ x: Self) -> Self
  static func pow(_ x: Self, _ y: Self) -> Self
  static func tanh(_ x: Self) -> Self
  static func atan2(_ y: Self, _ x: Self) -> Self
  /// eˣ for vectorised loops.
  static func vectorExp(_ x: Self) -> Self
  /// ln x for vectorised loops.
  static func vectorLog(_ x: Self) -> Self
  /// Φ(x), the normal distribution's cumulative function, for vectorised loops.
  static func vectorNormalCDF(_ x: Self) -> Self
}

extension Float: FloatingScalar {
  @inline(__always) public static func exp(_ x: Float) -> Float { expf(x) }
  @inline(__always) public static func log(_ x: Float) -> Float { logf(x) }
  @inline(__always) public static func log1p(_ x: Float) -> Float { log1pf(x) }
  @inline(__always) public static func pow(_ x: Float, _ y: Float) -> Float { powf(x, y) }
  @inline(__always) public static func tanh(_ x: Float) -> Float { tanhf(x) }
  @inline(__always) public static func atan2(_ y: Float, _ x: Float) -> Float { atan2f(y, x) }
}

extension Double: FloatingScalar {
  @inline(__always) public static func exp(_ x: Double) -> Double { Glibc.exp(x) }
  @inline(__always) public static func log(_ x: Double) -> Double { Glibc.log(x) }
  @inline(__always) public static func log1p(_ x: Double) -> Double { Glibc.log1p(x) }
  @inline(__always) public static func pow(_ x: Double, _ y: Double) -> Double { Glibc.pow(x, y) }
  @inline(__always) public static func tanh(_ x: Double) -> Double { Glibc.tanh(x) }
  @inline(__always) public static func atan2(_ y: Double, _ x: Double) -> Double {
    Glibc.atan2(y, x)
  }
}
