import AthanorKernels

extension Tensor {
  /// max(0, self + other) in one pass: the end of a residual block.
  public func addRelu(_ other: Tensor) -> Tensor {
    requireFloating("addRelu")
    require(shape == other.shape && dtype == other.dtype, "addRelu: \(self) with \(other)")
    let y =
      dtype == .float32
      ? Self.map(self, other, Float.self) { rectified($0 + $1) }
      : Self.map(self, other, Double.self) { rectified($0 + $1) }
    return y.computed(from: [self, other]) { gradient, _ in
      let masked = gradient.masked(by: y)
      return [masked, masked]
    }
  }
}

/// max(0, x); NaN stays NaN.
@inline(__always)
private func rectified<T: FloatingScalar>(_ x: T) -> T { 0 > x ? 0 : x }
