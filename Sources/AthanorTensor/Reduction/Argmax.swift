import AthanorKernels

extension Tensor {
  /// The index of the largest element along the last axis, as uint8; the first of equal ones.
  ///
  /// Shapes: self `[…,C]` with C at most 256; result `[…]`. Has no gradient.
  public func argmax() -> Tensor {
    requireFloating("argmax")
    require(
      rank > 0 && (1...256).contains(shape.last!), "argmax: 1 to 256 classes, got shape \(shape)")
    let result = Tensor(uninitialized: Array(shape.dropLast()), .uint8)
    if dtype == .float32 {
      Self.argmax(self, result, Float.self)
    } else {
      Self.argmax(self, result, Double.self)
    }
    return result
  }

  private static func argmax<T: FloatingScalar & TensorScalar>(
    _ x: Tensor, _ result: Tensor, _ type: T.Type
  ) {
    let classes = x.shape.last!
    let (source, out) = (x.pointer(to: T.self), result.pointer(to: UInt8.self))
    parallelRanges(result.count, grain: 1 << 13) { range in
      for i in range {
        let line = source + i * classes
        var best = 0
        for c in 1..<max(1, classes) where line[c] > line[best] { best = c }
        out[i] = UInt8(best)
      }
    }
  }
}
