import AthanorKernels

extension Tensor {
  /// The sum over `axes` (all where nil), in a fixed order.
  public func sum(axes: [Int]? = nil, keepDimensions: Bool = false) -> Tensor {
    requireFloating("sum")
    let axes = axes ?? Array(0..<rank)
    precondition(
      axes.allSatisfy { (0..<rank).contains($0) }, "sum: axes \(axes) of a tensor of shape \(shape)"
    )
    let kept = shape.indices.map { axes.contains($0) ? 1 : shape[$0] }
    var result = detached()
    if axes.count == rank {
      result = dtype == .float32 ? Self.total(self, Float.self) : Self.total(self, Double.self)
    } else {
      for axis in axes.sorted(by: >) { result = result.summedOver(axis) }
    }
    let final =
      keepDimensions ? kept : shape.indices.filter { !axes.contains($0) }.map { shape[$0] }
    return Tensor(shape: final, dtype: dtype, storage: result.storage)
      .computed(from: self) { [shape] in $0.reshaped(kept).broadcast(to: shape) }
  }

  /// The mean over `axes` (all where nil).
  public func mean(axes: [Int]? = nil, keepDimensions: Bool = false) -> Tensor {
    let reduced = (axes ?? Array(0..<rank)).reduce(1) { $0 * shape[$1] }
    return sum(axes: axes, keepDimensions: keepDimensions) * (1 / Double(reduced))
  }

  private static let block = 4096

  /// The sum of all elements: blocks of a fixed size, then their sums in order, in double precision.
  private static func total<T: FloatingScalar & TensorScalar>(
    _ x: Tensor, _ type: T.Type
  ) -> Tensor {
    let source = x.pointer(to: T.self)
    let blocks = (x.count + block - 1) / block
    var partial = [Double](repeating: 0, count: blocks)
    partial.withUnsafeMutableBufferPointer { partial in
      nonisolated(unsafe) let out = partial.baseAddress
      parallelFor(blocks, grain: 4) { b in
        var lanes = SIMD8<Double>()
        let (start, end) = (b * block, min((b + 1) * block, x.count))
        var i = start
        while i + 8 <= end {
          for lane in 0..<8 { lanes[lane] += Double(source[i + lane]) }
          i += 8
        }
        var sum = lanes.sum()
        while i < end {
          sum += Double(source[i])
          i += 1
        }
        out![b] = sum
      }
    }
    return Tensor([T(partial.reduce(0, +))], shape: [1])
  }

  private func summedOver(_ axis: Int) -> Tensor {
    let outer = shape[..<axis].reduce(1, *)
    let inner = shape[(axis + 1)...].reduce(1, *)
    var reduced = shape
    reduced[axis] = 1
    let result = Tensor(uninitialized: reduced, dtype)
    if dtype == .float32 {
      Self.fold(self, result, outer, shape[axis], inner, Float.self)
    } else {
      Self.fold(self, result, outer, shape[axis], inner, Double.self)
    }
    return result
  }

  private static func fold<T: FloatingScalar & TensorScalar>(
    _ x: Tensor, _ result: Tensor, _ outer: Int, _ n: Int, _ inner: Int, _ type: T.Type
  ) {
    let (source, out) = (x.pointer(to: T.self), result.pointer(to: T.self))
    parallelRanges(outer, grain: max(1, grain / max(1, n * inner))) { rows in
      for row in rows {
        let (from, to) = (source + row * n * inner, out + row * inner)
        to.initialize(repeating: 0, count: inner)
        for k in 0..<n { for i in 0..<inner { to[i] += from[k * inner + i] } }
      }
    }
  }
}
