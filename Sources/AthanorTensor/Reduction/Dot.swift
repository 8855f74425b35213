import AthanorKernels

extension Tensor {
  /// Σ xᵢyᵢ over all elements of two tensors of one shape, in double precision. Not recorded.
  public func dot(_ other: Tensor) -> Double {
    requireFloating("dot")
    require(
      shape == other.shape && dtype == other.dtype, "dot: \(self) with \(other)")
    return dtype == .float32
      ? Sums.products(pointer(to: Float.self), other.pointer(to: Float.self), count)
      : Sums.products(pointer(to: Double.self), other.pointer(to: Double.self), count)
  }
}
