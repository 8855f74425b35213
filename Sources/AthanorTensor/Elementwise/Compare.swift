import AthanorKernels

/// Comparisons give masks: 1 where true, 0 where false, without gradient. The mask of floating
/// operands has their type, that of integers is float32.
extension Tensor {
  public static func > (a: Tensor, b: Tensor) -> Tensor {
    compare(">", a, b, { $0 > $1 }, { $0 > $1 })
  }
  public static func < (a: Tensor, b: Tensor) -> Tensor {
    compare("<", a, b, { $0 < $1 }, { $0 < $1 })
  }
  public static func >= (a: Tensor, b: Tensor) -> Tensor {
    compare(">=", a, b, { $0 >= $1 }, { $0 >= $1 })
  }
  public static func <= (a: Tensor, b: Tensor) -> Tensor {
    compare("<=", a, b, { $0 <= $1 }, { $0 <= $1 })
  }
  /// 1 where the elements are equal.
  public func equal(_ other: Tensor) -> Tensor {
    Self.compare("equal", self, other, { $0 == $1 }, { $0 == $1 })
  }
  /// 1 where the elements differ.
  public func notEqual(_ other: Tensor) -> Tensor {
    Self.compare("notEqual", self, other, { $0 != $1 }, { $0 != $1 })
  }

  public static func > (a: Tensor, b: Double) -> Tensor { a > Tensor(b, a.dtype) }
  public static func < (a: Tensor, b: Double) -> Tensor { a < Tensor(b, a.dtype) }
  public static func >= (a: Tensor, b: Double) -> Tensor { a >= Tensor(b, a.dtype) }
  public static func <= (a: Tensor, b: Double) -> Tensor { a <= Tensor(b, a.dtype) }
  public func equal(_ other: Double) -> Tensor { equal(Tensor(other, dtype)) }
  public func notEqual(_ other: Double) -> Tensor { notEqual(Tensor(other, dtype)) }

  @inline(__always)
  private static func compare(
    _ operation: String, _ a: Tensor, _ b: Tensor, _ f: (Float, Float) -> Bool,
    _ d: (Double, Double) -> Bool
  ) -> Tensor {
    require(a.dtype == b.dtype, "\(operation): \(a) with \(b)")
    guard a.dtype.isFloating else {
      // Every int32 is exact in double precision.
      return broadcastMap(operation, a.cast(to: .float64), b.cast(to: .float64), Double.self) {
        d($0, $1) ? 1 : 0
      }.cast(to: .float32)
    }
    return a.dtype == .float32
      ? broadcastMap(operation, a, b, Float.self) { f($0, $1) ? 1 : 0 }
      : broadcastMap(operation, a, b, Double.self) { d($0, $1) ? 1 : 0 }
  }

  /// `a` where `mask` is not 0, elsewhere `b`; the gradient goes to whichever was taken.
  ///
  /// The three broadcast; the mask may have any type.
  public static func `where`(_ mask: Tensor, _ a: Tensor, _ b: Tensor) -> Tensor {
    a.requireFloating("where")
    require(a.dtype == b.dtype, "where: \(a) with \(b)")
    let shape = Broadcast("where", Broadcast("where", a.shape, b.shape).shape, mask.shape).shape
    let wide = mask.detached().cast(to: a.dtype).broadcast(to: shape)
    let (x, y) = (a.detached().broadcast(to: shape), b.detached().broadcast(to: shape))
    let result =
      a.dtype == .float32
      ? map(wide, x, y, Float.self) { $0 != 0 ? $1 : $2 }
      : map(wide, x, y, Double.self) { $0 != 0 ? $1 : $2 }
    return result.computed(from: [a, b]) { [shapeA = a.shape, shapeB = b.shape] gradient, wanted in
      [
        wanted[0] ? gradient.kept(where: wide, not: false).summed(to: shapeA) : nil,
        wanted[1] ? gradient.kept(where: wide, not: true).summed(to: shapeB) : nil,
      ]
    }
  }

  /// The elements where `mask` is not 0 (where it is 0 if `inverted`), the rest 0.
  private func kept(where mask: Tensor, not inverted: Bool) -> Tensor {
    dtype == .float32
      ? Self.map(self, mask, Float.self) { ($1 == 0) == inverted ? $0 : 0 }
      : Self.map(self, mask, Double.self) { ($1 == 0) == inverted ? $0 : 0 }
  }
}
