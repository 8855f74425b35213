import AthanorKernels

/// A function of one element.
///
/// A type and not a closure: the loop over a type's function is specialised and vectorised, while a
/// captured closure would be called for each element.
protocol ElementFunction: Sendable {
  func callAsFunction<T: FloatingScalar>(_ a: T) -> T
}

/// A function of an element of each of two tensors.
protocol ElementFunction2: Sendable {
  func callAsFunction<T: FloatingScalar>(_ a: T, _ b: T) -> T
}

/// A function of an element of each of three tensors.
protocol ElementFunction3: Sendable {
  func callAsFunction<T: FloatingScalar>(_ a: T, _ b: T, _ c: T) -> T
}

/// Loops over the elements of floating tensors of one shape and type, spread over the threads.
extension Tensor {
  /// The smallest number of elements worth a thread.
  static let grain = 1 << 14

  static func map<F: ElementFunction>(_ f: F, _ a: Tensor) -> Tensor {
    if a.isShapeOnly { return a.traced(nil, a.shape) }
    return a.dtype == .float32 ? map(f, a, Float.self) : map(f, a, Double.self)
  }

  static func map<F: ElementFunction2>(_ f: F, _ a: Tensor, _ b: Tensor) -> Tensor {
    if a.isShapeOnly { return a.traced(nil, a.shape) }
    return a.dtype == .float32 ? map(f, a, b, Float.self) : map(f, a, b, Double.self)
  }

  static func map<F: ElementFunction3>(_ f: F, _ a: Tensor, _ b: Tensor, _ c: Tensor) -> Tensor {
    if a.isShapeOnly { return a.traced(nil, a.shape) }
    return a.dtype == .float32 ? map(f, a, b, c, Float.self) : map(f, a, b, c, Double.self)
  }

  private static func map<F: ElementFunction, T: FloatingScalar & TensorScalar>(
    _ f: F, _ a: Tensor, _ type: T.Type
  ) -> Tensor {
    let result = Tensor(uninitialized: a.shape, T.dtype)
    let (x, y) = (a.pointer(to: T.self), result.pointer(to: T.self))
    parallelRanges(result.count, grain: grain) { for i in $0 { y[i] = f(x[i]) } }
    return result
  }

  private static func map<F: ElementFunction2, T: FloatingScalar & TensorScalar>(
    _ f: F, _ a: Tensor, _ b: Tensor, _ type: T.Type
  ) -> Tensor {
    let result = Tensor(uninitialized: a.shape, T.dtype)
    let (x, y, z) = (a.pointer(to: T.self), b.pointer(to: T.self), result.pointer(to: T.self))
    parallelRanges(result.count, grain: grain) { for i in $0 { z[i] = f(x[i], y[i]) } }
    return result
  }

  private static func map<F: ElementFunction3, T: FloatingScalar & TensorScalar>(
    _ f: F, _ a: Tensor, _ b: Tensor, _ c: Tensor, _ type: T.Type
  ) -> Tensor {
    let result = Tensor(uninitialized: a.shape, T.dtype)
    let (x, y) = (a.pointer(to: T.self), b.pointer(to: T.self))
    let (z, out) = (c.pointer(to: T.self), result.pointer(to: T.self))
    parallelRanges(result.count, grain: grain) { for i in $0 { out[i] = f(x[i], y[i], z[i]) } }
    return result
  }
}
