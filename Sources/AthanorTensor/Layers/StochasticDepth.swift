import AthanorKernels

extension Tensor {
  /// Stochastic depth of a residual branch: dropped samples become 0, the others are
  /// scaled by 1/(1 − rate), so that the expected value is unchanged.
  ///
  /// The caller draws `keep`, each sample with probability 1 − rate: `StochasticDepth` of
  /// torchvision in its mode "row".
  ///
  /// Shapes: self `[N,…]` with one element of `keep` for each of its N samples.
  /// Range: rate from 0 to below 1.
  ///
  /// Source: Huang, Sun, Liu, Sedra & Weinberger, Deep Networks with Stochastic Depth, 2016, eq. 2.
  public func droppedRows(keep: [Bool], rate: Double) -> Tensor {
    requireFloating("droppedRows")
    require(
      rank > 0 && keep.count == shape[0], "droppedRows: a mask of \(keep.count) rows for \(self)")
    require(rate >= 0 && rate < 1, "droppedRows: a rate of \(rate)")
    let factors = keep.map { $0 ? 1 / (1 - rate) : 0 }
    let ones = [Int](repeating: 1, count: rank - 1)
    return self * Tensor(factors, shape: [keep.count] + ones).cast(to: dtype)
  }
}
