import AthanorKernels

extension Tensor {
  /// max(0, self + other) in one pass: the end of a residual block.
  public func addRelu(_ other: Tensor) -> Tensor {
    requireFloating("addRelu")
    require(shape == other.shape && dtype == other.dtype, "addRelu: \(self) with \(other)")
    let y = Self.map(RectifiedSum(), self, other)
    return y.computed(from: [self, other]) { gradient, _ in
      let masked = gradient.masked(by: y)
      return [masked, masked]
    }
  }
}

/// max(0, a + b); NaN stays NaN.
private struct RectifiedSum: ElementFunction2 {
  func callAsFunction<T: FloatingScalar>(_ a: T, _ b: T) -> T { RectifiedLinear()(a + b) }
}
