import AthanorKernels

/// Loops over the elements of tensors of one shape, spread over the threads.
extension Tensor {
  /// The least elements worth a thread.
  static let grain = 1 << 14

  @inline(__always)
  static func map<T: FloatingScalar & TensorScalar>(
    _ a: Tensor, _ type: T.Type, _ f: (T) -> T
  ) -> Tensor {
    let result = Tensor(uninitialized: a.shape, T.dtype)
    let (x, y) = (a.pointer(to: T.self), result.pointer(to: T.self))
    parallelRanges(result.count, grain: grain) { for i in $0 { y[i] = f(x[i]) } }
    return result
  }

  @inline(__always)
  static func map<T: FloatingScalar & TensorScalar>(
    _ a: Tensor, _ b: Tensor, _ type: T.Type, _ f: (T, T) -> T
  ) -> Tensor {
    let result = Tensor(uninitialized: a.shape, T.dtype)
    let (x, y, z) = (a.pointer(to: T.self), b.pointer(to: T.self), result.pointer(to: T.self))
    parallelRanges(result.count, grain: grain) { for i in $0 { z[i] = f(x[i], y[i]) } }
    return result
  }

  @inline(__always)
  static func map<T: FloatingScalar & TensorScalar>(
    _ a: Tensor, _ b: Tensor, _ c: Tensor, _ type: T.Type, _ f: (T, T, T) -> T
  ) -> Tensor {
    let result = Tensor(uninitialized: a.shape, T.dtype)
    let (x, y) = (a.pointer(to: T.self), b.pointer(to: T.self))
    let (z, out) = (c.pointer(to: T.self), result.pointer(to: T.self))
    parallelRanges(result.count, grain: grain) { for i in $0 { out[i] = f(x[i], y[i], z[i]) } }
    return result
  }
}
