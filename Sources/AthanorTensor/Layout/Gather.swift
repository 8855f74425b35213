import AthanorKernels

extension Tensor {
  /// Rows of a `[rows, …]` tensor by index; the gradients of a row that is taken several times
  /// are summed.
  public func gathered(_ rows: [Int]) -> Tensor {
    require(
      rank > 0 && rows.allSatisfy { (0..<shape[0]).contains($0) },
      "gathered: a row beyond shape \(shape)")
    let width = shape[1...].reduce(1, *)
    let bytes = width * dtype.byteCount
    let result = Tensor(uninitialized: [rows.count] + shape[1...], dtype)
    for (i, row) in rows.enumerated() {
      (result.storage.base + i * bytes).copyMemory(
        from: storage.base + row * bytes, byteCount: bytes)
    }
    return result.computed(from: self) { [shape] gradient in
      let whole = Tensor.zeros(shape, gradient.dtype)
      if gradient.dtype == .float32 {
        Self.scatterAdd(gradient, into: whole, rows, width, Float.self)
      } else {
        Self.scatterAdd(gradient, into: whole, rows, width, Double.self)
      }
      return whole
    }
  }

  private static func scatterAdd<T: TensorScalar & FloatingPoint>(
    _ source: Tensor, into target: Tensor, _ rows: [Int], _ width: Int, _ type: T.Type
  ) {
    let (from, to) = (source.pointer(to: T.self), target.pointer(to: T.self))
    for (i, row) in rows.enumerated() {
      for k in 0..<width { to[row * width + k] += from[i * width + k] }
    }
  }
}
