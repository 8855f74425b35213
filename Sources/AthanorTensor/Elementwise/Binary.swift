import AthanorKernels

/// A function of two elements, its partial derivatives beside it.
protocol BinaryFunction {
  static func value<T: FloatingScalar>(_ a: T, _ b: T) -> T
  static func derivativeA<T: FloatingScalar>(_ a: T, _ b: T) -> T
  static func derivativeB<T: FloatingScalar>(_ a: T, _ b: T) -> T
}

enum Add: BinaryFunction {
  static func value<T: FloatingScalar>(_ a: T, _ b: T) -> T { a + b }
  static func derivativeA<T: FloatingScalar>(_ a: T, _ b: T) -> T { 1 }
  static func derivativeB<T: FloatingScalar>(_ a: T, _ b: T) -> T { 1 }
}

enum Subtract: BinaryFunction {
  static func value<T: FloatingScalar>(_ a: T, _ b: T) -> T { a - b }
  static func derivativeA<T: FloatingScalar>(_ a: T, _ b: T) -> T { 1 }
  static func derivativeB<T: FloatingScalar>(_ a: T, _ b: T) -> T { -1 }
}

enum Multiply: BinaryFunction {
  static func value<T: FloatingScalar>(_ a: T, _ b: T) -> T { a * b }
  static func derivativeA<T: FloatingScalar>(_ a: T, _ b: T) -> T { b }
  static func derivativeB<T: FloatingScalar>(_ a: T, _ b: T) -> T { a }
}

enum Divide: BinaryFunction {
  static func value<T: FloatingScalar>(_ a: T, _ b: T) -> T { a / b }
  static func derivativeA<T: FloatingScalar>(_ a: T, _ b: T) -> T { 1 / b }
  static func derivativeB<T: FloatingScalar>(_ a: T, _ b: T) -> T { -a / (b * b) }
}

enum Power: BinaryFunction {
  static func value<T: FloatingScalar>(_ a: T, _ b: T) -> T { T.pow(a, b) }
  static func derivativeA<T: FloatingScalar>(_ a: T, _ b: T) -> T { b * T.pow(a, b - 1) }
  static func derivativeB<T: FloatingScalar>(_ a: T, _ b: T) -> T { T.pow(a, b) * T.log(a) }
}

/// The larger; at a tie each takes half the gradient, as in PyTorch.
enum Maximum: BinaryFunction {
  static func value<T: FloatingScalar>(_ a: T, _ b: T) -> T { a > b ? a : b }
  static func derivativeA<T: FloatingScalar>(_ a: T, _ b: T) -> T { a > b ? 1 : a == b ? 0.5 : 0 }
  static func derivativeB<T: FloatingScalar>(_ a: T, _ b: T) -> T { b > a ? 1 : a == b ? 0.5 : 0 }
}

/// The smaller; at a tie each takes half the gradient, as in PyTorch.
enum Minimum: BinaryFunction {
  static func value<T: FloatingScalar>(_ a: T, _ b: T) -> T { a < b ? a : b }
  static func derivativeA<T: FloatingScalar>(_ a: T, _ b: T) -> T { a < b ? 1 : a == b ? 0.5 : 0 }
  static func derivativeB<T: FloatingScalar>(_ a: T, _ b: T) -> T { b < a ? 1 : a == b ? 0.5 : 0 }
}

/// Arithmetic broadcasts as in NumPy: shapes align at the right, a size of 1 stretches.
extension Tensor {
  public static func + (a: Tensor, b: Tensor) -> Tensor { binary(Add.self, a, b) }
  public static func - (a: Tensor, b: Tensor) -> Tensor { binary(Subtract.self, a, b) }
  public static func * (a: Tensor, b: Tensor) -> Tensor { binary(Multiply.self, a, b) }
  public static func / (a: Tensor, b: Tensor) -> Tensor { binary(Divide.self, a, b) }

  public static func + (a: Tensor, b: Double) -> Tensor { a + Tensor(b, a.dtype) }
  public static func - (a: Tensor, b: Double) -> Tensor { a - Tensor(b, a.dtype) }
  public static func * (a: Tensor, b: Double) -> Tensor { a * Tensor(b, a.dtype) }
  public static func / (a: Tensor, b: Double) -> Tensor { a / Tensor(b, a.dtype) }
  public static func + (a: Double, b: Tensor) -> Tensor { Tensor(a, b.dtype) + b }
  public static func - (a: Double, b: Tensor) -> Tensor { Tensor(a, b.dtype) - b }
  public static func * (a: Double, b: Tensor) -> Tensor { Tensor(a, b.dtype) * b }
  public static func / (a: Double, b: Tensor) -> Tensor { Tensor(a, b.dtype) / b }

  public func pow(_ exponent: Tensor) -> Tensor { Self.binary(Power.self, self, exponent) }
  public func maximum(_ other: Tensor) -> Tensor { Self.binary(Maximum.self, self, other) }
  public func minimum(_ other: Tensor) -> Tensor { Self.binary(Minimum.self, self, other) }

  /// Every element held to `[low, high]`; no gradient where it was outside.
  public func clip(_ low: Double, _ high: Double) -> Tensor {
    let inside = (self >= Tensor(low, dtype)) * (self <= Tensor(high, dtype))
    let held = detached().maximum(Tensor(low, dtype)).minimum(Tensor(high, dtype))
    return held.computed(from: self) { $0 * inside }
  }

  static func binary<F: BinaryFunction>(_ function: F.Type, _ a: Tensor, _ b: Tensor) -> Tensor {
    a.requireFloating("\(F.self)")
    precondition(a.dtype == b.dtype, "\(F.self): \(a) with \(b)")
    let result =
      a.dtype == .float32
      ? broadcastMap("\(F.self)", a, b, Float.self) { F.value($0, $1) }
      : broadcastMap("\(F.self)", a, b, Double.self) { F.value($0, $1) }
    return result.computed(from: [a, b]) { [a = a.detached(), b = b.detached()] gradient, wanted in
      [
        wanted[0]
          ? (gradient * partial(a, b, { F.derivativeA($0, $1) }, { F.derivativeA($0, $1) }))
            .summed(to: a.shape) : nil,
        wanted[1]
          ? (gradient * partial(a, b, { F.derivativeB($0, $1) }, { F.derivativeB($0, $1) }))
            .summed(to: b.shape) : nil,
      ]
    }
  }

  @inline(__always)
  private static func partial(
    _ a: Tensor, _ b: Tensor, _ f: (Float, Float) -> Float, _ d: (Double, Double) -> Double
  ) -> Tensor {
    a.dtype == .float32
      ? broadcastMap("gradient", a, b, Float.self, f)
      : broadcastMap("gradient", a, b, Double.self, d)
  }
}
