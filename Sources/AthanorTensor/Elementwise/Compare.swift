import AthanorKernels

/// Comparisons give masks: 1 where true, 0 where false, without gradient. The mask of floating
/// operands has their type, that of integers is float32.
extension Tensor {
  public static func > (a: Tensor, b: Tensor) -> Tensor { compare(">", Greater(), a, b) }
  public static func < (a: Tensor, b: Tensor) -> Tensor { compare("<", Less(), a, b) }
  public static func >= (a: Tensor, b: Tensor) -> Tensor { compare(">=", GreaterOrEqual(), a, b) }
  public static func <= (a: Tensor, b: Tensor) -> Tensor { compare("<=", LessOrEqual(), a, b) }
  /// 1 where the elements are equal.
  public func equal(_ other: Tensor) -> Tensor { Self.compare("equal", Equal(), self, other) }
  /// 1 where the elements differ.
  public func notEqual(_ other: Tensor) -> Tensor {
    Self.compare("notEqual", NotEqual(), self, other)
  }

  public static func > (a: Tensor, b: Double) -> Tensor { a > Tensor(b, a.dtype) }
  public static func < (a: Tensor, b: Double) -> Tensor { a < Tensor(b, a.dtype) }
  public static func >= (a: Tensor, b: Double) -> Tensor { a >= Tensor(b, a.dtype) }
  public static func <= (a: Tensor, b: Double) -> Tensor { a <= Tensor(b, a.dtype) }
  public func equal(_ other: Double) -> Tensor { equal(Tensor(other, dtype)) }
  public func notEqual(_ other: Double) -> Tensor { notEqual(Tensor(other, dtype)) }

  private static func compare<F: ElementFunction2>(
    _ operation: String, _ f: F, _ a: Tensor, _ b: Tensor
  ) -> Tensor {
    require(a.dtype == b.dtype, "\(operation): \(a) with \(b)")
    guard a.dtype.isFloating else {
      // Every int32 is exact in double precision.
      return broadcastMap(operation, f, a.cast(to: .float64), b.cast(to: .float64))
        .cast(to: .float32)
    }
    return broadcastMap(operation, f, a, b)
  }

  /// `a` where `mask` is not 0, elsewhere `b`; the gradient goes to the selected one.
  ///
  /// The three broadcast; the mask may have any type.
  public static func `where`(_ mask: Tensor, _ a: Tensor, _ b: Tensor) -> Tensor {
    a.requireFloating("where")
    require(a.dtype == b.dtype, "where: \(a) with \(b)")
    let shape = Broadcast("where", Broadcast("where", a.shape, b.shape).shape, mask.shape).shape
    let wide = mask.detached().cast(to: a.dtype).broadcast(to: shape)
    let (x, y) = (a.detached().broadcast(to: shape), b.detached().broadcast(to: shape))
    let result = map(Choose(), wide, x, y)
    return result.computed(from: [a, b]) { [shapeA = a.shape, shapeB = b.shape] gradient, needed in
      [
        needed[0] ? gradient.masked(where: wide, not: false).summed(to: shapeA) : nil,
        needed[1] ? gradient.masked(where: wide, not: true).summed(to: shapeB) : nil,
      ]
    }
  }

  /// The elements where `mask` is not 0 (where it is 0 if `inverted`), 0 for the others.
  private func masked(where mask: Tensor, not inverted: Bool) -> Tensor {
    Self.map(Keep(inverted: inverted), self, mask)
  }
}

private struct Greater: ElementFunction2 {
  func callAsFunction<T: FloatingScalar>(_ a: T, _ b: T) -> T { a > b ? 1 : 0 }
}

private struct Less: ElementFunction2 {
  func callAsFunction<T: FloatingScalar>(_ a: T, _ b: T) -> T { a < b ? 1 : 0 }
}

private struct LessOrEqual: ElementFunction2 {
  func callAsFunction<T: FloatingScalar>(_ a: T, _ b: T) -> T { a <= b ? 1 : 0 }
}

private struct GreaterOrEqual: ElementFunction2 {
  func callAsFunction<T: FloatingScalar>(_ a: T, _ b: T) -> T { a >= b ? 1 : 0 }
}

private struct Equal: ElementFunction2 {
  func callAsFunction<T: FloatingScalar>(_ a: T, _ b: T) -> T { a == b ? 1 : 0 }
}

private struct NotEqual: ElementFunction2 {
  func callAsFunction<T: FloatingScalar>(_ a: T, _ b: T) -> T { a != b ? 1 : 0 }
}

private struct Choose: ElementFunction3 {
  func callAsFunction<T: FloatingScalar>(_ mask: T, _ a: T, _ b: T) -> T { mask != 0 ? a : b }
}

private struct Keep: ElementFunction2 {
  let inverted: Bool
  func callAsFunction<T: FloatingScalar>(_ a: T, _ mask: T) -> T {
    (mask == 0) == inverted ? a : 0
  }
}
