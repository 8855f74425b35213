import AthanorKernels

/// How two shapes meet: aligned at the right, sizes of 1 stretch.
struct Broadcast {
  let shape: [Int]
  /// Elements to step in each operand for each axis of `shape`; 0 where it stretches.
  let stridesA: [Int]
  let stridesB: [Int]

  init(_ operation: String, _ a: [Int], _ b: [Int]) {
    let rank = max(a.count, b.count)
    let left = [Int](repeating: 1, count: rank - a.count) + a
    let right = [Int](repeating: 1, count: rank - b.count) + b
    shape = Swift.zip(left, right).map { x, y in
      precondition(
        x == y || x == 1 || y == 1, "\(operation): shapes \(a) and \(b) do not broadcast")
      return x == 1 ? y : x
    }
    stridesA = Self.strides(of: left)
    stridesB = Self.strides(of: right)
  }

  private static func strides(of shape: [Int]) -> [Int] {
    var stride = 1
    var strides = [Int](repeating: 0, count: shape.count)
    for axis in shape.indices.reversed() {
      strides[axis] = shape[axis] == 1 ? 0 : stride
      stride *= shape[axis]
    }
    return strides
  }
}

extension Tensor {
  /// f over two operands of one shape or of shapes that broadcast.
  @inline(__always)
  static func broadcastMap<T: FloatingScalar & TensorScalar>(
    _ operation: String, _ a: Tensor, _ b: Tensor, _ type: T.Type, _ f: (T, T) -> T
  ) -> Tensor {
    if a.shape == b.shape { return map(a, b, type, f) }
    let (x, y) = (a.pointer(to: T.self), b.pointer(to: T.self))
    if b.count == 1 && b.rank <= a.rank {
      let constant = y[0]
      return map(a, type) { f($0, constant) }
    }
    if a.count == 1 && a.rank <= b.rank {
      let constant = x[0]
      return map(b, type) { f(constant, $0) }
    }
    let plan = Broadcast(operation, a.shape, b.shape)
    let result = Tensor(uninitialized: plan.shape, T.dtype)
    let out = result.pointer(to: T.self)
    guard result.count > 0 else { return result }
    let inner = plan.shape.last!
    let (stepA, stepB) = (plan.stridesA.last!, plan.stridesB.last!)
    parallelRanges(result.count / inner, grain: max(1, grain / inner)) { rows in
      for row in rows {
        var (rest, offsetA, offsetB) = (row, 0, 0)
        for axis in (0..<(plan.shape.count - 1)).reversed() {
          let index = rest % plan.shape[axis]
          rest /= plan.shape[axis]
          offsetA += index * plan.stridesA[axis]
          offsetB += index * plan.stridesB[axis]
        }
        let (p, q, r) = (x + offsetA, y + offsetB, out + row * inner)
        if stepA == 1 && stepB == 1 {
          for i in 0..<inner { r[i] = f(p[i], q[i]) }
        } else {
          for i in 0..<inner { r[i] = f(p[i * stepA], q[i * stepB]) }
        }
      }
    }
    return result
  }

  /// This gradient of a broadcast result, added up over the axes along which `shape` stretched.
  func summed(to shape: [Int]) -> Tensor {
    guard self.shape != shape else { return self }
    let leading = rank - shape.count
    let axes = (0..<rank).filter {
      $0 < leading || (shape[$0 - leading] == 1 && self.shape[$0] != 1)
    }
    return sum(axes: axes, keepDimensions: true).reshaped(shape)
  }
}
