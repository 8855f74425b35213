import AthanorKernels

extension Tensor {
  /// For each pair (i, j) the inner product of the vectors a[i] and b[j], in double precision and
  /// one pass over memory. Not recorded.
  ///
  /// A vector is a list of tensors, nil for zeros; tensors of equal index have equal shapes
  /// and types.
  public static func products(
    _ a: [[Tensor?]], _ b: [[Tensor?]], _ pairs: [(Int, Int)]
  ) -> [Double] {
    let parts = a.first?.count ?? 0
    let samples = (0..<parts).map { k in (a + b).lazy.compactMap { $0[k] }.first }
    let dtype = samples.lazy.compactMap { $0 }.first?.dtype ?? .float32
    for row in a + b {
      require(row.count == parts, "products: \(row.count) parts where \(parts) were expected")
      for case (let part?, let sample?) in zip(row, samples) {
        require(
          part.shape == sample.shape && part.dtype == dtype && dtype.isFloating,
          "products: \(part) with \(sample)")
      }
    }
    let counts = samples.map { $0?.count ?? 0 }
    return dtype == .float32
      ? Sums.products(
        pointers(a, Float.self), pointers(b, Float.self), counts: counts, pairs: pairs)
      : Sums.products(
        pointers(a, Double.self), pointers(b, Double.self), counts: counts, pairs: pairs)
  }

  private static func pointers<T: TensorScalar>(
    _ rows: [[Tensor?]], _ type: T.Type
  ) -> [[UnsafePointer<T>?]] {
    rows.map { row in row.map { $0.map { UnsafePointer($0.pointer(to: T.self)) } } }
  }
}
