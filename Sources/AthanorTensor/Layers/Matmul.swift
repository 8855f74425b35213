import AthanorKernels

extension Tensor {
  /// The matrix product of `[m,k]` and `[k,n]`; either may be given transposed.
  public func matmul(
    _ other: Tensor, transposeSelf: Bool = false, transposeOther: Bool = false
  ) -> Tensor {
    requireFloating("matmul")
    require(
      rank == 2 && other.rank == 2 && dtype == other.dtype, "matmul: \(self) with \(other)")
    let (m, k) = transposeSelf ? (shape[1], shape[0]) : (shape[0], shape[1])
    let (depth, n) =
      transposeOther ? (other.shape[1], other.shape[0]) : (other.shape[0], other.shape[1])
    require(k == depth, "matmul: \(shape) with \(other.shape): inner sizes \(k) and \(depth)")
    if isShapeOnly {
      return traced("Matmul", [m, n], flops: 2 * m * n * k, parameters: [other])
    }
    let result = Tensor(uninitialized: [m, n], dtype)
    if dtype == .float32 {
      Self.multiply(m, n, k, self, transposeSelf, other, transposeOther, result, Float.self)
    } else {
      Self.multiply(m, n, k, self, transposeSelf, other, transposeOther, result, Double.self)
    }
    return result.computed(from: [self, other]) {
      [a = detached(), b = other.detached()] g, needed in
      let dA: Tensor? =
        !needed[0]
        ? nil
        : transposeSelf
          ? b.matmul(g, transposeSelf: transposeOther, transposeOther: true)
          : g.matmul(b, transposeOther: !transposeOther)
      let dB: Tensor? =
        !needed[1]
        ? nil
        : transposeOther
          ? g.matmul(a, transposeSelf: true, transposeOther: transposeSelf)
          : a.matmul(g, transposeSelf: !transposeSelf)
      return [dA, dB]
    }
  }

  private static func multiply<T: FloatingScalar & TensorScalar>(
    _ m: Int, _ n: Int, _ k: Int, _ a: Tensor, _ transposeA: Bool, _ b: Tensor,
    _ transposeB: Bool, _ result: Tensor, _ type: T.Type
  ) {
    Matmul.multiply(
      m: m, n: n, k: k, a: a.pointer(to: T.self), transposeA: transposeA, b: b.pointer(to: T.self),
      transposeB: transposeB, dst: result.pointer(to: T.self))
  }
}
