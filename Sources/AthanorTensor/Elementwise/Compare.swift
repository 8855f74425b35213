import AthanorKernels

/// Comparisons give masks: 1 where true, 0 where false, of the operands' type and without gradient.
extension Tensor {
  public static func > (a: Tensor, b: Tensor) -> Tensor {
    compare(a, b, { $0 > $1 }, { $0 > $1 })
  }
  public static func < (a: Tensor, b: Tensor) -> Tensor {
    compare(a, b, { $0 < $1 }, { $0 < $1 })
  }
  public static func >= (a: Tensor, b: Tensor) -> Tensor {
    compare(a, b, { $0 >= $1 }, { $0 >= $1 })
  }
  public static func <= (a: Tensor, b: Tensor) -> Tensor {
    compare(a, b, { $0 <= $1 }, { $0 <= $1 })
  }
  /// 1 where the elements are equal.
  public func equal(_ other: Tensor) -> Tensor {
    Self.compare(self, other, { $0 == $1 }, { $0 == $1 })
  }
  /// 1 where the elements differ.
  public func notEqual(_ other: Tensor) -> Tensor {
    Self.compare(self, other, { $0 != $1 }, { $0 != $1 })
  }

  @inline(__always)
  private static func compare(
    _ a: Tensor, _ b: Tensor, _ f: (Float, Float) -> Bool, _ d: (Double, Double) -> Bool
  ) -> Tensor {
    a.requireFloating("compare")
    precondition(a.dtype == b.dtype, "compare: \(a) with \(b)")
    return a.dtype == .float32
      ? broadcastMap("compare", a, b, Float.self) { f($0, $1) ? 1 : 0 }
      : broadcastMap("compare", a, b, Double.self) { d($0, $1) ? 1 : 0 }
  }

  /// `a` where `mask` is not 0, elsewhere `b`; the gradient goes to whichever was taken.
  public static func `where`(_ mask: Tensor, _ a: Tensor, _ b: Tensor) -> Tensor {
    let shape = Broadcast("where", Broadcast("where", a.shape, b.shape).shape, mask.shape).shape
    let wide = mask.detached().broadcast(to: shape)
    let (x, y) = (a.detached().broadcast(to: shape), b.detached().broadcast(to: shape))
    return select(wide, x, y).computed(from: [a, b]) { gradient, wanted in
      let zero = gradient.zerosLike()
      return [
        wanted[0] ? select(wide, gradient, zero).summed(to: a.shape) : nil,
        wanted[1] ? select(wide, zero, gradient).summed(to: b.shape) : nil,
      ]
    }
  }

  private static func select(_ mask: Tensor, _ a: Tensor, _ b: Tensor) -> Tensor {
    mask.dtype == .float32
      ? map(mask, a, b, Float.self) { $0 != 0 ? $1 : $2 }
      : map(mask, a, b, Double.self) { $0 != 0 ? $1 : $2 }
  }

  /// The elements above `threshold`, the rest 0.
  public func thresholded(above threshold: Double) -> Tensor {
    .where(self > Tensor(threshold, dtype), self, Tensor(0, dtype))
  }

  /// This tensor stretched to `shape`.
  public func broadcast(to shape: [Int]) -> Tensor {
    self.shape == shape ? self : self + .zeros(shape, dtype)
  }
}
