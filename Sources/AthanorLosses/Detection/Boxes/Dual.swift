import AthanorKernels

/// A number and its derivatives with respect to the four coordinates of a predicted box. The
/// arithmetic applies the rules of differentiation, so that a box loss is written once.
///
/// Source: forward-mode differentiation by dual numbers, Clifford 1873; Griewank & Walther 2008,
/// ch. 3.
struct Dual<T: FloatingScalar> {
  var value: T
  var derivative: SIMD4<T>

  @inline(__always)
  init(_ value: T, _ derivative: SIMD4<T> = .zero) {
    (self.value, self.derivative) = (value, derivative)
  }

  @inline(__always)
  static func + (a: Dual, b: Dual) -> Dual { Dual(a.value + b.value, a.derivative + b.derivative) }
  @inline(__always)
  static func - (a: Dual, b: Dual) -> Dual { Dual(a.value - b.value, a.derivative - b.derivative) }
  @inline(__always)
  static func * (a: Dual, b: Dual) -> Dual {
    Dual(a.value * b.value, a.derivative * b.value + b.derivative * a.value)
  }
  @inline(__always)
  static func / (a: Dual, b: Dual) -> Dual {
    let quotient = a.value / b.value
    return Dual(quotient, (a.derivative - b.derivative * quotient) / b.value)
  }
  @inline(__always)
  static func + (a: Dual, b: T) -> Dual { Dual(a.value + b, a.derivative) }
  @inline(__always)
  static func - (a: T, b: Dual) -> Dual { Dual(a - b.value, .zero - b.derivative) }
  @inline(__always)
  static func - (a: Dual, b: T) -> Dual { Dual(a.value - b, a.derivative) }
  @inline(__always)
  static func * (a: Dual, b: T) -> Dual { Dual(a.value * b, a.derivative * b) }
  @inline(__always)
  static prefix func - (a: Dual) -> Dual { Dual(-a.value, .zero - a.derivative) }

  /// The derivative is the mean of both where they are equal, as PyTorch has it.
  @inline(__always)
  func minimum(_ other: Dual) -> Dual { chosen(value < other.value, other) }
  @inline(__always)
  func maximum(_ other: Dual) -> Dual { chosen(value > other.value, other) }

  @inline(__always)
  private func chosen(_ isThis: Bool, _ other: Dual) -> Dual {
    if value == other.value { return Dual(value, (derivative + other.derivative) * 0.5) }
    // NaN is neither smaller nor larger, and is passed on whichever of the two it is.
    return isThis || value.isNaN ? self : other
  }

  /// The derivative is 0 at 0.
  @inline(__always)
  var magnitude: Dual {
    Dual(abs(value), derivative * (value > 0 ? 1 : value < 0 ? -1 : 0))
  }
  @inline(__always)
  var squared: Dual { self * self }
  @inline(__always)
  var log: Dual { Dual(T.log(value), derivative / value) }
  @inline(__always)
  var exp: Dual {
    let e = T.exp(value)
    return Dual(e, derivative * e)
  }
  /// The same number as a constant.
  @inline(__always)
  var detached: Dual { Dual(value) }
}
