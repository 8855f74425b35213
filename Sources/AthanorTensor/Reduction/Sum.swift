import AthanorKernels

extension Tensor {
  /// The sum over `axes` (all where nil), in a fixed order.
  public func sum(axes: [Int]? = nil, keepDimensions: Bool = false) -> Tensor {
    requireFloating("sum")
    let plan = Reduction("sum", shape, axes)
    if isShapeOnly {
      return traced("Sum", keepDimensions ? plan.kept : plan.dropped, flops: count)
    }
    var result = detached()
    for run in plan.runs {
      let part = Tensor(uninitialized: [run.outer * run.inner], dtype)
      if dtype == .float32 {
        Self.fold(result, part, run, Float.self)
      } else {
        Self.fold(result, part, run, Double.self)
      }
      result = part
    }
    return Tensor(
      shape: keepDimensions ? plan.kept : plan.dropped, dtype: dtype, storage: result.storage
    ).computed(from: self) { [shape] in $0.reshaped(plan.kept).broadcast(to: shape) }
  }

  /// The mean over `axes` (all where nil); NaN for no elements.
  public func mean(axes: [Int]? = nil, keepDimensions: Bool = false) -> Tensor {
    let plan = Reduction("mean", shape, axes)
    return sum(axes: axes, keepDimensions: keepDimensions) / Double(plan.reduced)
  }

  private static func fold<T: FloatingScalar & TensorScalar>(
    _ x: Tensor, _ result: Tensor, _ run: Reduction.Run, _ type: T.Type
  ) {
    let (source, out) = (x.pointer(to: T.self), result.pointer(to: T.self))
    if run.outer == 1 && run.inner == 1 {
      out[0] = T(Sums.total(source, run.n))
    } else {
      Sums.middle(source, outer: run.outer, n: run.n, inner: run.inner, dst: out)
    }
  }
}

/// The axes of a reduction, with neighbouring ones merged.
struct Reduction: Sendable {
  /// One step: `[outer, n, inner]` to `[outer, inner]`.
  struct Run: Sendable {
    var outer: Int
    var n: Int
    var inner: Int
  }

  /// The shape with reduced axes of size 1, and without them.
  let kept: [Int]
  let dropped: [Int]
  /// Elements per result.
  let reduced: Int
  /// The steps, the innermost first.
  let runs: [Run]

  init(_ operation: String, _ shape: [Int], _ chosen: [Int]?) {
    let axes = chosen ?? Array(shape.indices)
    require(
      axes.allSatisfy { shape.indices.contains($0) } && Set(axes).count == axes.count,
      "\(operation): axes \(axes) of a tensor of shape \(shape)")
    kept = shape.indices.map { axes.contains($0) ? 1 : shape[$0] }
    dropped = shape.indices.filter { !axes.contains($0) }.map { shape[$0] }
    reduced = axes.reduce(1) { $0 * shape[$1] }
    var (runs, inner, axis) = ([Run](), 1, shape.count - 1)
    while axis >= 0 {
      guard axes.contains(axis) else {
        inner *= shape[axis]
        axis -= 1
        continue
      }
      var n = 1
      while axis >= 0, axes.contains(axis) {
        n *= shape[axis]
        axis -= 1
      }
      runs.append(Run(outer: shape[..<(axis + 1)].reduce(1, *), n: n, inner: inner))
    }
    self.runs = runs
  }
}
