import AthanorKernels

extension Tensor {
  /// ln softmax along the last axis: x − max − ln Σ exp(x − max).
  public func logSoftmax() -> Tensor {
    requireFloating("logSoftmax")
    precondition(rank > 0, "logSoftmax: a tensor of shape [] has no last axis")
    let y =
      dtype == .float32 ? Self.logSoftmax(self, Float.self) : Self.logSoftmax(self, Double.self)
    return y.computed(from: self) { gradient in
      gradient - y.exp() * gradient.sum(axes: [gradient.rank - 1], keepDimensions: true)
    }
  }

  /// Softmax along the last axis.
  public func softmax() -> Tensor { logSoftmax().exp() }

  private static func logSoftmax<T: FloatingScalar & TensorScalar>(
    _ x: Tensor, _ type: T.Type
  ) -> Tensor {
    let result = Tensor(uninitialized: x.shape, T.dtype)
    let classes = x.shape.last!
    guard classes > 0 else { return result }
    let (source, out) = (x.pointer(to: T.self), result.pointer(to: T.self))
    parallelRanges(x.count / classes, grain: 1024) { rows in
      for row in rows {
        let (from, to) = (source + row * classes, out + row * classes)
        var top = from[0]
        for c in 1..<max(1, classes) where from[c] > top { top = from[c] }
        var sum: T = 0
        for c in 0..<classes { sum += T.exp(from[c] - top) }
        let normaliser = top + T.log(sum)
        for c in 0..<classes { to[c] = from[c] - normaliser }
      }
    }
    return result
  }
}
