import AthanorKernels

/// How two shapes broadcast: aligned at the right, sizes of 1 stretch.
///
/// Neighbouring axes along which both operands are contiguous, or both stretch, are merged, so that
/// the innermost loop is as long as possible.
struct Broadcast {
  /// A merged axis; an operand that stretches along it has stride 0.
  struct Axis {
    var size: Int
    var strideA: Int
    var strideB: Int
  }

  let shape: [Int]
  /// Outermost first. The last one's strides are 0 or 1.
  let axes: [Axis]

  init(_ operation: String, _ a: [Int], _ b: [Int]) {
    let rank = max(a.count, b.count)
    let left = [Int](repeating: 1, count: rank - a.count) + a
    let right = [Int](repeating: 1, count: rank - b.count) + b
    shape = zip(left, right).map { x, y in
      require(x == y || x == 1 || y == 1, "\(operation): shapes \(a) and \(b) do not broadcast")
      return x == 1 ? y : x
    }
    var merged: [Axis] = []  // innermost first
    var (strideA, strideB) = (1, 1)
    for i in (0..<rank).reversed() {
      let axis = Axis(
        size: shape[i], strideA: left[i] == 1 ? 0 : strideA, strideB: right[i] == 1 ? 0 : strideB)
      (strideA, strideB) = (strideA * left[i], strideB * right[i])
      if axis.size == 1 { continue }
      if let inner = merged.last, axis.strideA == inner.strideA * inner.size,
        axis.strideB == inner.strideB * inner.size
      {
        merged[merged.count - 1].size *= axis.size
      } else {
        merged.append(axis)
      }
    }
    if merged.isEmpty { merged.append(Axis(size: 1, strideA: 0, strideB: 0)) }
    axes = merged.reversed()
  }

  /// Calls `body(row, offset in a, offset in b)` for the innermost rows in `rows`, in order.
  @inline(__always)
  func eachRow(_ rows: Range<Int>, _ body: (Int, Int, Int) -> Void) {
    let outer = axes.count - 1
    var index = [Int](repeating: 0, count: outer)
    var (rest, offsetA, offsetB) = (rows.lowerBound, 0, 0)
    for i in (0..<outer).reversed() {
      index[i] = rest % axes[i].size
      rest /= axes[i].size
      offsetA += index[i] * axes[i].strideA
      offsetB += index[i] * axes[i].strideB
    }
    for row in rows {
      body(row, offsetA, offsetB)
      var i = outer - 1
      while i >= 0 {
        index[i] += 1
        offsetA += axes[i].strideA
        offsetB += axes[i].strideB
        if index[i] < axes[i].size { break }
        index[i] = 0
        offsetA -= axes[i].strideA * axes[i].size
        offsetB -= axes[i].strideB * axes[i].size
        i -= 1
      }
    }
  }
}

extension Tensor {
  /// f over two operands of one shape or of shapes that broadcast.
  static func broadcastMap<F: ElementFunction2>(
    _ operation: String, _ f: F, _ a: Tensor, _ b: Tensor
  ) -> Tensor {
    if a.shape == b.shape { return map(f, a, b) }
    let plan = Broadcast(operation, a.shape, b.shape)
    if a.isShapeOnly { return a.traced(nil, plan.shape) }
    return a.dtype == .float32
      ? broadcastMap(plan, f, a, b, Float.self) : broadcastMap(plan, f, a, b, Double.self)
  }

  private static func broadcastMap<F: ElementFunction2, T: FloatingScalar & TensorScalar>(
    _ plan: Broadcast, _ f: F, _ a: Tensor, _ b: Tensor, _ type: T.Type
  ) -> Tensor {
    let result = Tensor(uninitialized: plan.shape, T.dtype)
    let out = result.pointer(to: T.self)
    eachRow(plan, result, a, b, type) { start, count, x, y, stepA, stepB in
      let z = out + start
      if stepA == 1 && stepB == 1 {
        for i in 0..<count { z[i] = f(x[i], y[i]) }
      } else if stepA == 1 {
        let constant = y[0]
        for i in 0..<count { z[i] = f(x[i], constant) }
      } else {
        let constant = x[0]
        for i in 0..<count { z[i] = f(constant, y[i * stepB]) }
      }
    }
    return result
  }

  /// The same with a third operand of the result's shape, which comes first.
  static func broadcastMap<F: ElementFunction3>(
    _ f: F, _ g: Tensor, _ a: Tensor, _ b: Tensor
  ) -> Tensor {
    if a.shape == b.shape { return map(f, g, a, b) }
    let plan = Broadcast("gradient", a.shape, b.shape)
    return a.dtype == .float32
      ? broadcastMap(plan, f, g, a, b, Float.self) : broadcastMap(plan, f, g, a, b, Double.self)
  }

  private static func broadcastMap<F: ElementFunction3, T: FloatingScalar & TensorScalar>(
    _ plan: Broadcast, _ f: F, _ g: Tensor, _ a: Tensor, _ b: Tensor, _ type: T.Type
  ) -> Tensor {
    let result = Tensor(uninitialized: plan.shape, T.dtype)
    let (out, first) = (result.pointer(to: T.self), g.pointer(to: T.self))
    eachRow(plan, result, a, b, type) { start, count, x, y, stepA, stepB in
      let (z, w) = (out + start, first + start)
      if stepA == 1 && stepB == 1 {
        for i in 0..<count { z[i] = f(w[i], x[i], y[i]) }
      } else if stepA == 1 {
        let constant = y[0]
        for i in 0..<count { z[i] = f(w[i], x[i], constant) }
      } else {
        let constant = x[0]
        for i in 0..<count { z[i] = f(w[i], constant, y[i * stepB]) }
      }
    }
    return result
  }

  /// Calls `row(start, count, a, b, step of a, step of b)` for pieces of the result, which are
  /// spread over the threads. A step is 0 or 1.
  @inline(__always)
  private static func eachRow<T: FloatingScalar & TensorScalar>(
    _ plan: Broadcast, _ result: Tensor, _ a: Tensor, _ b: Tensor, _ type: T.Type,
    _ row: (Int, Int, UnsafeMutablePointer<T>, UnsafeMutablePointer<T>, Int, Int) -> Void
  ) {
    guard result.count > 0 else { return }
    let (x, y) = (a.pointer(to: T.self), b.pointer(to: T.self))
    let inner = plan.axes[plan.axes.count - 1]
    guard plan.axes.count > 1 else {
      parallelRanges(inner.size, grain: grain) { part in
        let start = part.lowerBound
        row(
          start, part.count, x + start * inner.strideA, y + start * inner.strideB, inner.strideA,
          inner.strideB)
      }
      return
    }
    parallelRanges(result.count / inner.size, grain: max(1, grain / inner.size)) { rows in
      plan.eachRow(rows) { i, offsetA, offsetB in
        row(
          i * inner.size, inner.size, x + offsetA, y + offsetB, inner.strideA, inner.strideB)
      }
    }
  }

  /// This tensor stretched to `shape`.
  public func broadcast(to shape: [Int]) -> Tensor {
    guard self.shape != shape else { return self }
    let plan = Broadcast("broadcast", self.shape, shape)
    require(plan.shape == shape, "broadcast: shape \(self.shape) does not stretch to \(shape)")
    if isShapeOnly { return traced(nil, shape) }
    switch dtype {
    case .float32: return stretched(plan, Float.self)
    case .float64: return stretched(plan, Double.self)
    case .int64: return stretched(plan, Int64.self)
    case .int32: return stretched(plan, Int32.self)
    case .uint8: return stretched(plan, UInt8.self)
    }
  }

  private func stretched<T: TensorScalar>(_ plan: Broadcast, _ type: T.Type) -> Tensor {
    let result = Tensor(uninitialized: plan.shape, dtype)
    let (source, out) = (pointer(to: T.self), result.pointer(to: T.self))
    let inner = plan.axes[plan.axes.count - 1]
    if result.count > 0 {
      parallelRanges(
        result.count / inner.size, grain: max(1, Self.grain / inner.size)
      ) { rows in
        plan.eachRow(rows) { i, offset, _ in
          let to = out + i * inner.size
          if inner.strideA == 1 {
            to.update(from: source + offset, count: inner.size)
          } else {
            to.update(repeating: source[offset], count: inner.size)
          }
        }
      }
    }
    return result.computed(from: self) { [from = self.shape] in $0.summed(to: from) }
  }

  /// This gradient of a broadcast result, summed over the axes along which `shape` stretched.
  func summed(to shape: [Int]) -> Tensor {
    guard self.shape != shape else { return self }
    let leading = rank - shape.count
    let axes = (0..<rank).filter {
      $0 < leading || (shape[$0 - leading] == 1 && self.shape[$0] != 1)
    }
    return sum(axes: axes, keepDimensions: true).reshaped(shape)
  }
}
