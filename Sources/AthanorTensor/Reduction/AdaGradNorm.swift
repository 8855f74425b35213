import AthanorKernels

extension Tensor {
  /// Adds this gradient's squares to `squares` in place and returns Σ g²/√(squares + ε): its norm
  /// in the metric of AdaGrad. Not recorded.
  public func adaGradNorm(accumulating squares: Tensor, epsilon: Double) -> Double {
    requireFloating("adaGradNorm")
    require(
      shape == squares.shape && dtype == squares.dtype, "adaGradNorm: \(self) with \(squares)")
    return dtype == .float32
      ? AdaGradNorm.accumulate(
        pointer(to: Float.self), into: squares.pointer(to: Float.self), count: count,
        epsilon: Float(epsilon))
      : AdaGradNorm.accumulate(
        pointer(to: Double.self), into: squares.pointer(to: Double.self), count: count,
        epsilon: epsilon)
  }
}
