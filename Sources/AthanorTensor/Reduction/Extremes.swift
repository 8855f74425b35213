import AthanorKernels

extension Tensor {
  /// The largest element over `axes` (all where nil); equal ones share the gradient.
  ///
  /// Errors: traps for a reduction over no elements.
  public func maximum(axes: [Int]? = nil, keepDimensions: Bool = false) -> Tensor {
    extreme("maximum", axes, keepDimensions, { $1 > $0 || $1.isNaN }, { $1 > $0 || $1.isNaN })
  }

  /// The smallest element over `axes` (all where nil); equal ones share the gradient.
  ///
  /// Errors: traps for a reduction over no elements.
  public func minimum(axes: [Int]? = nil, keepDimensions: Bool = false) -> Tensor {
    extreme("minimum", axes, keepDimensions, { $1 < $0 || $1.isNaN }, { $1 < $0 || $1.isNaN })
  }

  /// - Parameter replaces: Whether an element is better than the best one so far: `(best, next)`.
  @inline(__always)
  private func extreme(
    _ operation: String, _ axes: [Int]?, _ keepDimensions: Bool,
    _ replaces: (Float, Float) -> Bool, _ replacesDouble: (Double, Double) -> Bool
  ) -> Tensor {
    requireFloating(operation)
    let plan = Reduction(operation, shape, axes)
    require(plan.reduced > 0, "\(operation): of no elements, axes \(axes ?? []) of shape \(shape)")
    var result = detached()
    for run in plan.runs {
      let part = Tensor(uninitialized: [run.outer * run.inner], dtype)
      if dtype == .float32 {
        Self.select(result, part, run, Float.self, replaces)
      } else {
        Self.select(result, part, run, Double.self, replacesDouble)
      }
      result = part
    }
    let best = Tensor(shape: plan.kept, dtype: dtype, storage: result.storage)
    return Tensor(
      shape: keepDimensions ? plan.kept : plan.dropped, dtype: dtype, storage: result.storage
    ).computed(from: self) { [x = detached()] gradient in
      let winners = x.equal(best)
      let share =
        gradient.reshaped(plan.kept)
        / winners.sum(axes: axes, keepDimensions: true)
      return winners * share
    }
  }

  @inline(__always)
  private static func select<T: FloatingScalar & TensorScalar>(
    _ x: Tensor, _ result: Tensor, _ run: Reduction.Run, _ type: T.Type,
    _ replaces: (T, T) -> Bool
  ) {
    let (source, out) = (x.pointer(to: T.self), result.pointer(to: T.self))
    parallelRanges(run.outer, grain: max(1, grain / (run.n * run.inner + 1))) { rows in
      for row in rows {
        let (from, to) = (source + row * run.n * run.inner, out + row * run.inner)
        to.update(from: from, count: run.inner)
        for k in 1..<max(1, run.n) {
          for i in 0..<run.inner {
            let next = from[k * run.inner + i]
            if replaces(to[i], next) { to[i] = next }
          }
        }
      }
    }
  }
}
