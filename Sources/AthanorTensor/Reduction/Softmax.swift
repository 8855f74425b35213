import AthanorKernels

extension Tensor {
  /// Softmax along the last axis: eˣ / Σ eˣ. Traps for shape `[]`, which has none.
  public func softmax() -> Tensor {
    let (rows, classes) = rowsAndClasses("softmax")
    let y = Tensor(uninitialized: shape, dtype)
    if dtype == .float32 {
      Softmax.forward(pointer(to: Float.self), rows: rows, classes: classes, to: y.pointer())
    } else {
      Softmax.forward(pointer(to: Double.self), rows: rows, classes: classes, to: y.pointer())
    }
    return y.computed(from: self) { g in
      let dX = g.likeUninitialized()
      if g.dtype == .float32 {
        Softmax.backward(
          g.pointer(to: Float.self), y.pointer(), rows: rows, classes: classes, to: dX.pointer())
      } else {
        Softmax.backward(
          g.pointer(to: Double.self), y.pointer(), rows: rows, classes: classes, to: dX.pointer())
      }
      return dX
    }
  }

  /// ln softmax along the last axis: x − ln Σ eˣ. Traps for shape `[]`, which has none.
  public func logSoftmax() -> Tensor {
    let (rows, classes) = rowsAndClasses("logSoftmax")
    let y = Tensor(uninitialized: shape, dtype)
    if dtype == .float32 {
      Softmax.logForward(pointer(to: Float.self), rows: rows, classes: classes, to: y.pointer())
    } else {
      Softmax.logForward(pointer(to: Double.self), rows: rows, classes: classes, to: y.pointer())
    }
    return y.computed(from: self) { g in
      let dX = g.likeUninitialized()
      if g.dtype == .float32 {
        Softmax.logBackward(
          g.pointer(to: Float.self), y.pointer(), rows: rows, classes: classes, to: dX.pointer())
      } else {
        Softmax.logBackward(
          g.pointer(to: Double.self), y.pointer(), rows: rows, classes: classes, to: dX.pointer())
      }
      return dX
    }
  }

  private func rowsAndClasses(_ operation: String) -> (rows: Int, classes: Int) {
    requireFloating(operation)
    require(rank > 0, "\(operation): a tensor of shape [] has no last axis")
    let classes = shape[rank - 1]
    return (classes == 0 ? 0 : count / classes, classes)
  }
}
