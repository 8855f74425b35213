import AthanorKernels

/// A function of one element, its derivative beside it.
protocol UnaryFunction {
  static func value<T: FloatingScalar>(_ x: T) -> T
  /// dy/dx, given x and y.
  static func derivative<T: FloatingScalar>(_ x: T, _ y: T) -> T
}

enum Negate: UnaryFunction {
  static func value<T: FloatingScalar>(_ x: T) -> T { -x }
  static func derivative<T: FloatingScalar>(_ x: T, _ y: T) -> T { -1 }
}

enum Exponential: UnaryFunction {
  static func value<T: FloatingScalar>(_ x: T) -> T { T.exp(x) }
  static func derivative<T: FloatingScalar>(_ x: T, _ y: T) -> T { y }
}

enum Logarithm: UnaryFunction {
  static func value<T: FloatingScalar>(_ x: T) -> T { T.log(x) }
  static func derivative<T: FloatingScalar>(_ x: T, _ y: T) -> T { 1 / x }
}

enum SquareRoot: UnaryFunction {
  static func value<T: FloatingScalar>(_ x: T) -> T { x.squareRoot() }
  static func derivative<T: FloatingScalar>(_ x: T, _ y: T) -> T { 1 / (2 * y) }
}

enum AbsoluteValue: UnaryFunction {
  static func value<T: FloatingScalar>(_ x: T) -> T { Swift.abs(x) }
  static func derivative<T: FloatingScalar>(_ x: T, _ y: T) -> T { x > 0 ? 1 : x < 0 ? -1 : 0 }
}

enum RectifiedLinear: UnaryFunction {
  static func value<T: FloatingScalar>(_ x: T) -> T { x > 0 ? x : 0 }
  static func derivative<T: FloatingScalar>(_ x: T, _ y: T) -> T { y > 0 ? 1 : 0 }
}

enum Sigmoid: UnaryFunction {
  static func value<T: FloatingScalar>(_ x: T) -> T {
    let e = T.exp(-Swift.abs(x))
    return x >= 0 ? 1 / (1 + e) : e / (1 + e)
  }
  static func derivative<T: FloatingScalar>(_ x: T, _ y: T) -> T { y * (1 - y) }
}

/// ln(1 + eˣ), without overflow.
enum Softplus: UnaryFunction {
  static func value<T: FloatingScalar>(_ x: T) -> T { max(x, 0) + T.log1p(T.exp(-Swift.abs(x))) }
  static func derivative<T: FloatingScalar>(_ x: T, _ y: T) -> T { Sigmoid.value(x) }
}

enum HyperbolicTangent: UnaryFunction {
  static func value<T: FloatingScalar>(_ x: T) -> T { T.tanh(x) }
  static func derivative<T: FloatingScalar>(_ x: T, _ y: T) -> T { 1 - y * y }
}

extension Tensor {
  public static prefix func - (x: Tensor) -> Tensor { x.unary(Negate.self) }
  public func exp() -> Tensor { unary(Exponential.self) }
  public func log() -> Tensor { unary(Logarithm.self) }
  public func sqrt() -> Tensor { unary(SquareRoot.self) }
  public func abs() -> Tensor { unary(AbsoluteValue.self) }
  public func relu() -> Tensor { unary(RectifiedLinear.self) }
  public func sigmoid() -> Tensor { unary(Sigmoid.self) }
  public func softplus() -> Tensor { unary(Softplus.self) }
  public func tanh() -> Tensor { unary(HyperbolicTangent.self) }

  /// x raised to a constant power.
  public func pow(_ exponent: Double) -> Tensor {
    requireFloating("pow")
    let y =
      dtype == .float32
      ? Self.map(self, Float.self) { Float.pow($0, Float(exponent)) }
      : Self.map(self, Double.self) { Double.pow($0, exponent) }
    return y.computed(from: self) { [x = detached()] gradient in
      x.dtype == .float32
        ? Self.map(gradient, x, Float.self) {
          $0 * Float(exponent) * Float.pow($1, Float(exponent) - 1)
        }
        : Self.map(gradient, x, Double.self) { $0 * exponent * Double.pow($1, exponent - 1) }
    }
  }

  func unary<F: UnaryFunction>(_ function: F.Type) -> Tensor {
    requireFloating("\(F.self)")
    let y =
      dtype == .float32
      ? Self.map(self, Float.self) { F.value($0) } : Self.map(self, Double.self) { F.value($0) }
    return y.computed(from: self) { [x = detached(), y] gradient in
      x.dtype == .float32
        ? Self.map(gradient, x, y, Float.self) { $0 * F.derivative($1, $2) }
        : Self.map(gradient, x, y, Double.self) { $0 * F.derivative($1, $2) }
    }
  }

  func requireFloating(_ operation: String) {
    precondition(dtype.isFloating, "\(operation): needs a floating tensor, got \(self)")
  }
}
