import AthanorKernels

/// A function of two elements and its partial derivatives.
protocol BinaryFunction: ElementFunction2 {
  /// The gradient of a, given that of y.
  func gradientA<T: FloatingScalar>(_ g: T, _ a: T, _ b: T) -> T
  func gradientB<T: FloatingScalar>(_ g: T, _ a: T, _ b: T) -> T
  /// Whether the gradients of a and b are that of y itself.
  static var passes: (a: Bool, b: Bool) { get }
}

extension BinaryFunction {
  static var passes: (a: Bool, b: Bool) { (false, false) }
}

struct Add: BinaryFunction {
  func callAsFunction<T: FloatingScalar>(_ a: T, _ b: T) -> T { a + b }
  func gradientA<T: FloatingScalar>(_ g: T, _ a: T, _ b: T) -> T { g }
  func gradientB<T: FloatingScalar>(_ g: T, _ a: T, _ b: T) -> T { g }
  static var passes: (a: Bool, b: Bool) { (true, true) }
}

struct Subtract: BinaryFunction {
  func callAsFunction<T: FloatingScalar>(_ a: T, _ b: T) -> T { a - b }
  func gradientA<T: FloatingScalar>(_ g: T, _ a: T, _ b: T) -> T { g }
  func gradientB<T: FloatingScalar>(_ g: T, _ a: T, _ b: T) -> T { -g }
  static var passes: (a: Bool, b: Bool) { (true, false) }
}

struct Multiply: BinaryFunction {
  func callAsFunction<T: FloatingScalar>(_ a: T, _ b: T) -> T { a * b }
  func gradientA<T: FloatingScalar>(_ g: T, _ a: T, _ b: T) -> T { g * b }
  func gradientB<T: FloatingScalar>(_ g: T, _ a: T, _ b: T) -> T { g * a }
}

struct Divide: BinaryFunction {
  func callAsFunction<T: FloatingScalar>(_ a: T, _ b: T) -> T { a / b }
  func gradientA<T: FloatingScalar>(_ g: T, _ a: T, _ b: T) -> T { g / b }
  func gradientB<T: FloatingScalar>(_ g: T, _ a: T, _ b: T) -> T { -g * ((a / b) / b) }
}

/// aᵇ; the gradients are 0, not NaN, for the base where b = 0 and for the exponent where a = 0.
struct Power: BinaryFunction {
  func callAsFunction<T: FloatingScalar>(_ a: T, _ b: T) -> T { T.pow(a, b) }
  func gradientA<T: FloatingScalar>(_ g: T, _ a: T, _ b: T) -> T {
    b == 0 ? 0 : g * (b * T.pow(a, b - 1))
  }
  func gradientB<T: FloatingScalar>(_ g: T, _ a: T, _ b: T) -> T {
    a == 0 && b >= 0 ? 0 : g * (T.pow(a, b) * T.log(a))
  }
}

/// The larger element, NaN if either is NaN; at a tie each takes half the gradient, as in PyTorch.
struct Maximum: BinaryFunction {
  func callAsFunction<T: FloatingScalar>(_ a: T, _ b: T) -> T { a > b || a.isNaN ? a : b }
  func gradientA<T: FloatingScalar>(_ g: T, _ a: T, _ b: T) -> T {
    a > b ? g : a == b ? g / 2 : 0
  }
  func gradientB<T: FloatingScalar>(_ g: T, _ a: T, _ b: T) -> T {
    b > a ? g : a == b ? g / 2 : 0
  }
}

/// The smaller element, NaN if either is NaN; at a tie each takes half the gradient, as in PyTorch.
struct Minimum: BinaryFunction {
  func callAsFunction<T: FloatingScalar>(_ a: T, _ b: T) -> T { a < b || a.isNaN ? a : b }
  func gradientA<T: FloatingScalar>(_ g: T, _ a: T, _ b: T) -> T {
    a < b ? g : a == b ? g / 2 : 0
  }
  func gradientB<T: FloatingScalar>(_ g: T, _ a: T, _ b: T) -> T {
    b < a ? g : a == b ? g / 2 : 0
  }
}

/// Arithmetic broadcasts as in NumPy: shapes align at the right, a size of 1 stretches.
extension Tensor {
  public static func + (a: Tensor, b: Tensor) -> Tensor { binary(Add(), a, b) }
  public static func - (a: Tensor, b: Tensor) -> Tensor { binary(Subtract(), a, b) }
  public static func * (a: Tensor, b: Tensor) -> Tensor { binary(Multiply(), a, b) }
  public static func / (a: Tensor, b: Tensor) -> Tensor { binary(Divide(), a, b) }

  public static func + (a: Tensor, b: Double) -> Tensor { a + Tensor(b, a.dtype) }
  public static func - (a: Tensor, b: Double) -> Tensor { a - Tensor(b, a.dtype) }
  public static func * (a: Tensor, b: Double) -> Tensor { a * Tensor(b, a.dtype) }
  public static func / (a: Tensor, b: Double) -> Tensor { a / Tensor(b, a.dtype) }
  public static func + (a: Double, b: Tensor) -> Tensor { Tensor(a, b.dtype) + b }
  public static func - (a: Double, b: Tensor) -> Tensor { Tensor(a, b.dtype) - b }
  public static func * (a: Double, b: Tensor) -> Tensor { Tensor(a, b.dtype) * b }
  public static func / (a: Double, b: Tensor) -> Tensor { Tensor(a, b.dtype) / b }

  /// Every element raised to the power of the corresponding one.
  public func pow(_ exponent: Tensor) -> Tensor { Self.binary(Power(), self, exponent) }
  /// The larger of each pair of elements.
  public func maximum(_ other: Tensor) -> Tensor { Self.binary(Maximum(), self, other) }
  public func maximum(_ other: Double) -> Tensor { maximum(Tensor(other, dtype)) }
  /// The smaller of each pair of elements.
  public func minimum(_ other: Tensor) -> Tensor { Self.binary(Minimum(), self, other) }
  public func minimum(_ other: Double) -> Tensor { minimum(Tensor(other, dtype)) }

  static func binary<F: BinaryFunction>(_ function: F, _ a: Tensor, _ b: Tensor) -> Tensor {
    a.requireFloating("\(F.self)")
    require(a.dtype == b.dtype, "\(F.self): \(a) with \(b)")
    let result = broadcastMap("\(F.self)", function, a, b)
    return result.computed(from: [a, b]) { [a = a.detached(), b = b.detached()] g, needed in
      var (dA, dB): (Tensor?, Tensor?) = (nil, nil)
      if needed[0] {
        let whole = F.passes.a ? g : broadcastMap(GradientA(function: function), g, a, b)
        dA = whole.summed(to: a.shape)
      }
      if needed[1] {
        let whole = F.passes.b ? g : broadcastMap(GradientB(function: function), g, a, b)
        dB = whole.summed(to: b.shape)
      }
      return [dA, dB]
    }
  }
}

private struct GradientA<F: BinaryFunction>: ElementFunction3 {
  let function: F
  func callAsFunction<T: FloatingScalar>(_ g: T, _ a: T, _ b: T) -> T {
    function.gradientA(g, a, b)
  }
}

private struct GradientB<F: BinaryFunction>: ElementFunction3 {
  let function: F
  func callAsFunction<T: FloatingScalar>(_ g: T, _ a: T, _ b: T) -> T {
    function.gradientB(g, a, b)
  }
}
