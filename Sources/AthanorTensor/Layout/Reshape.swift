import AthanorKernels

extension Tensor {
  /// The same elements under another shape; one size may be −1 and is computed.
  public func reshaped(_ shape: [Int]) -> Tensor {
    var sizes = shape
    if let free = sizes.firstIndex(of: -1) {
      let known = sizes.filter { $0 != -1 }.reduce(1, *)
      sizes[free] = known == 0 ? 0 : count / known
    }
    require(
      sizes.allSatisfy { $0 >= 0 } && sizes.reduce(1, *) == count,
      "reshaped: \(self.shape) has \(count) elements, not \(shape)")
    guard sizes != self.shape else { return self }
    return Tensor(shape: sizes, dtype: dtype, storage: storage)
      .computed(from: self) { [from = self.shape] in $0.reshaped(from) }
  }
}
