import AthanorKernels

extension Tensor {
  /// Σ weights[k]·tensors[k], of one shape and type, in one pass over memory. Not recorded.
  public static func combination(_ weights: [Double], _ tensors: [Tensor]) -> Tensor {
    require(
      !tensors.isEmpty && weights.count == tensors.count,
      "combination: \(weights.count) weights for \(tensors.count) tensors")
    let (shape, dtype) = (tensors[0].shape, tensors[0].dtype)
    require(
      tensors.allSatisfy { $0.shape == shape && $0.dtype == dtype } && dtype.isFloating,
      "combination: tensors \(tensors)")
    let result = Tensor(uninitialized: shape, dtype)
    if dtype == .float32 {
      combine(weights, tensors, result, Float.self)
    } else {
      combine(weights, tensors, result, Double.self)
    }
    return result
  }

  private static func combine<T: FloatingScalar & TensorScalar>(
    _ weights: [Double], _ tensors: [Tensor], _ result: Tensor, _ type: T.Type
  ) {
    LinearCombination.sum(
      weights.map { T($0) }, tensors.map { UnsafePointer($0.pointer(to: T.self)) },
      count: result.count, dst: result.pointer(to: T.self))
  }
}
