import AthanorKernels

/// A function of one element and its derivative.
protocol UnaryFunction: ElementFunction {
  /// dy/dx, given x and y.
  func derivative<T: FloatingScalar>(_ x: T, _ y: T) -> T
  /// Which of x and y the derivative reads: only that one is saved.
  static var reads: UnaryOperand { get }
}

enum UnaryOperand { case input, output }

struct Negate: UnaryFunction {
  static let reads = UnaryOperand.output
  func callAsFunction<T: FloatingScalar>(_ x: T) -> T { -x }
  func derivative<T: FloatingScalar>(_ x: T, _ y: T) -> T { -1 }
}

struct Exponential: UnaryFunction {
  static let reads = UnaryOperand.output
  func callAsFunction<T: FloatingScalar>(_ x: T) -> T { T.exp(x) }
  func derivative<T: FloatingScalar>(_ x: T, _ y: T) -> T { y }
}

struct Logarithm: UnaryFunction {
  static let reads = UnaryOperand.input
  func callAsFunction<T: FloatingScalar>(_ x: T) -> T { T.log(x) }
  func derivative<T: FloatingScalar>(_ x: T, _ y: T) -> T { 1 / x }
}

struct SquareRoot: UnaryFunction {
  static let reads = UnaryOperand.output
  func callAsFunction<T: FloatingScalar>(_ x: T) -> T { x.squareRoot() }
  func derivative<T: FloatingScalar>(_ x: T, _ y: T) -> T { 1 / (2 * y) }
}

struct Square: UnaryFunction {
  static let reads = UnaryOperand.input
  func callAsFunction<T: FloatingScalar>(_ x: T) -> T { x * x }
  func derivative<T: FloatingScalar>(_ x: T, _ y: T) -> T { 2 * x }
}

struct AbsoluteValue: UnaryFunction {
  static let reads = UnaryOperand.input
  func callAsFunction<T: FloatingScalar>(_ x: T) -> T { Swift.abs(x) }
  func derivative<T: FloatingScalar>(_ x: T, _ y: T) -> T { x > 0 ? 1 : x < 0 ? -1 : 0 }
}

/// max(0, x); NaN stays NaN, so that errors are not hidden.
struct RectifiedLinear: UnaryFunction {
  static let reads = UnaryOperand.output
  func callAsFunction<T: FloatingScalar>(_ x: T) -> T { 0 > x ? 0 : x }
  func derivative<T: FloatingScalar>(_ x: T, _ y: T) -> T { y > 0 ? 1 : 0 }
}

struct Sigmoid: UnaryFunction {
  static let reads = UnaryOperand.output
  func callAsFunction<T: FloatingScalar>(_ x: T) -> T {
    let e = T.exp(-Swift.abs(x))
    return x >= 0 ? 1 / (1 + e) : e / (1 + e)
  }
  func derivative<T: FloatingScalar>(_ x: T, _ y: T) -> T { y * (1 - y) }
}

/// ln(1 + eˣ), without overflow.
struct Softplus: UnaryFunction {
  static let reads = UnaryOperand.input
  func callAsFunction<T: FloatingScalar>(_ x: T) -> T {
    (0 > x ? 0 : x) + T.log1p(T.exp(-Swift.abs(x)))
  }
  func derivative<T: FloatingScalar>(_ x: T, _ y: T) -> T { Sigmoid()(x) }
}

struct HyperbolicTangent: UnaryFunction {
  static let reads = UnaryOperand.output
  func callAsFunction<T: FloatingScalar>(_ x: T) -> T { T.tanh(x) }
  func derivative<T: FloatingScalar>(_ x: T, _ y: T) -> T { 1 - y * y }
}

struct ConstantPower: UnaryFunction {
  static let reads = UnaryOperand.input
  var exponent: Double
  func callAsFunction<T: FloatingScalar>(_ x: T) -> T { T.pow(x, T(exponent)) }
  func derivative<T: FloatingScalar>(_ x: T, _ y: T) -> T {
    exponent == 0 ? 0 : T(exponent) * T.pow(x, T(exponent - 1))
  }
}

struct Clip: UnaryFunction {
  static let reads = UnaryOperand.input
  var low: Double
  var high: Double
  func callAsFunction<T: FloatingScalar>(_ x: T) -> T {
    let raised = T(low) > x ? T(low) : x
    return T(high) < raised ? T(high) : raised
  }
  func derivative<T: FloatingScalar>(_ x: T, _ y: T) -> T {
    x >= T(low) && x <= T(high) ? 1 : 0
  }
}

struct Threshold: UnaryFunction {
  static let reads = UnaryOperand.input
  var threshold: Double
  func callAsFunction<T: FloatingScalar>(_ x: T) -> T { x > T(threshold) ? x : 0 }
  func derivative<T: FloatingScalar>(_ x: T, _ y: T) -> T { x > T(threshold) ? 1 : 0 }
}

extension Tensor {
  public static prefix func - (x: Tensor) -> Tensor { x.unary(Negate()) }
  /// eˣ.
  public func exp() -> Tensor { unary(Exponential()) }
  /// The natural logarithm.
  public func log() -> Tensor { unary(Logarithm()) }
  public func sqrt() -> Tensor { unary(SquareRoot()) }
  /// The absolute value; its gradient at 0 is 0.
  public func abs() -> Tensor { unary(AbsoluteValue()) }
  /// max(0, x); its gradient at 0 is 0.
  public func relu() -> Tensor { unary(RectifiedLinear()) }
  /// 1/(1 + e⁻ˣ).
  public func sigmoid() -> Tensor { unary(Sigmoid()) }
  /// ln(1 + eˣ).
  public func softplus() -> Tensor { unary(Softplus()) }
  public func tanh() -> Tensor { unary(HyperbolicTangent()) }

  /// x raised to a constant power.
  public func pow(_ exponent: Double) -> Tensor {
    switch exponent {
    case 0.5: sqrt()
    case 2: unary(Square())
    default: unary(ConstantPower(exponent: exponent))
    }
  }

  /// Every element clamped to `[low, high]`; the gradient is 0 where it was outside.
  public func clip(_ low: Double, _ high: Double) -> Tensor {
    require(low <= high, "clip: the bounds are \(low) and \(high)")
    return unary(Clip(low: low, high: high))
  }

  /// The elements above `threshold`, 0 for the others.
  public func thresholded(above threshold: Double) -> Tensor {
    unary(Threshold(threshold: threshold))
  }

  func unary<F: UnaryFunction>(_ function: F) -> Tensor {
    requireFloating("\(F.self)")
    let y = Self.map(function, self)
    return y.computed(from: self) { [saved = F.reads == .input ? detached() : y] gradient in
      Self.map(ChainRule(function: function), gradient, saved)
    }
  }

  func requireFloating(_ operation: String) {
    require(dtype.isFloating, "\(operation): needs a floating tensor, got \(self)")
  }
}

/// g·f′, given g and the operand that the derivative reads.
private struct ChainRule<F: UnaryFunction>: ElementFunction2 {
  let function: F
  @inline(__always)
  func callAsFunction<T: FloatingScalar>(_ g: T, _ saved: T) -> T {
    g * function.derivative(saved, saved)
  }
}
