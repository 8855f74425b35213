import AthanorKernels
import AthanorTensor

/// A binary loss of every class at every point that depends on the margin alone: z = logit for the
/// point's class, −logit for the others.
///
/// Nearly all elements are negatives: all are computed as negatives in vector lanes, and then the
/// few positive ones are corrected. The backward pass starts from the logits again: nothing
/// is stored.
protocol SigmoidLoss: ClassificationLoss {
  /// The loss at margin z of a class that is (`positive`) or is not the point's, and its derivative
  /// by z.
  func term<T: FloatingScalar>(_ z: T, positive: Bool) -> (value: T, derivative: T)
}

extension SigmoidLoss {
  public func callAsFunction(_ logits: Tensor, _ labels: Tensor) -> Tensor {
    precondition(
      logits.rank == 2 && logits.dtype.isFloating && labels.dtype == .int32
        && labels.shape == [logits.shape[0]],
      "\(Self.name): needs floating logits [P,K] and int32 labels [P], got \(logits) and \(labels)")
    let classes = Int32(logits.shape[1])
    precondition(
      UnsafeBufferPointer(start: labels.pointer(to: Int32.self), count: labels.count)
        .allSatisfy { $0 < classes && $0 >= PointLabel.ignored },
      "\(Self.name): a label beyond the \(classes) classes of the logits")
    return logits.dtype == .float32
      ? evaluate(logits, labels, Float.self) : evaluate(logits, labels, Double.self)
  }

  private func evaluate<T: FloatingScalar & TensorScalar>(
    _ logits: Tensor, _ labels: Tensor, _ type: T.Type
  ) -> Tensor {
    let blocks = (logits.shape[0] + pointBlock - 1) / pointBlock
    let partial = Tensor(uninitialized: [blocks], .float64)
    let sums = partial.pointer(to: Double.self)
    let (x, label, classes) = (
      logits.pointer(to: T.self), labels.pointer(to: Int32.self), logits.shape[1]
    )
    parallelFor(blocks) { b in
      let points = (b * pointBlock)..<min(logits.shape[0], (b + 1) * pointBlock)
      var sum = 0.0
      forEachLabelledRun(points, label) { run in
        sum += sumOfNegatives(x + run.lowerBound * classes, run.count * classes)
        for point in run where label[point] >= 0 {
          let logit = x[point * classes + Int(label[point])]
          sum += Double(term(logit, positive: true).value)
          sum -= Double(term(-logit, positive: false).value)
        }
      }
      sums[b] = sum
    }
    let total = partial.array(of: Double.self).reduce(0, +)
    return Tensor([T(total)], shape: []).computed(from: [logits]) {
      [logits = logits.detached()] upstream, _ in
      [backward(logits, labels, T(upstream.scalar))]
    }
  }

  private func backward<T: FloatingScalar & TensorScalar>(
    _ logits: Tensor, _ labels: Tensor, _ scale: T
  ) -> Tensor {
    let result = Tensor(uninitialized: logits.shape, logits.dtype)
    let (x, out) = (logits.pointer(to: T.self), result.pointer(to: T.self))
    let (label, classes) = (labels.pointer(to: Int32.self), logits.shape[1])
    parallelFor((logits.shape[0] + pointBlock - 1) / pointBlock) { b in
      let points = (b * pointBlock)..<min(logits.shape[0], (b + 1) * pointBlock)
      (out + points.lowerBound * classes).initialize(repeating: 0, count: points.count * classes)
      forEachLabelledRun(points, label) { run in
        let (from, to) = (x + run.lowerBound * classes, out + run.lowerBound * classes)
        for i in 0..<(run.count * classes) {
          to[i] = -scale * term(-from[i], positive: false).derivative
        }
        for point in run where label[point] >= 0 {
          let index = point * classes + Int(label[point])
          out[index] = scale * term(x[index], positive: true).derivative
        }
      }
    }
    return result
  }

  /// Σ of all elements taken as negatives, added up in a fixed order.
  @inline(__always)
  private func sumOfNegatives<T: FloatingScalar>(_ x: UnsafePointer<T>, _ count: Int) -> Double {
    let (lanes, segment) = (8, 2048)
    return withUnsafeTemporaryAllocation(of: T.self, capacity: segment) { memory in
      let values = memory.baseAddress!
      var total = 0.0
      for start in stride(from: 0, to: count, by: segment) {
        let (from, filled) = (x + start, min(segment, count - start))
        for i in 0..<filled { values[i] = term(-from[i], positive: false).value }
        var sums = SIMD8<T>()
        for i in 0..<(filled / lanes) {
          sums += UnsafeRawPointer(values + i * lanes).loadUnaligned(as: SIMD8<T>.self)
        }
        for lane in 0..<lanes { total += Double(sums[lane]) }
        for i in (filled / lanes * lanes)..<filled { total += Double(values[i]) }
      }
      return total
    }
  }
}

/// Calls `body` with every run of points that are not ignored.
@inline(__always)
private func forEachLabelledRun(
  _ points: Range<Int>, _ label: UnsafePointer<Int32>, _ body: (Range<Int>) -> Void
) {
  var start = points.lowerBound
  while start < points.upperBound {
    guard label[start] != PointLabel.ignored else {
      start += 1
      continue
    }
    var end = start + 1
    while end < points.upperBound && label[end] != PointLabel.ignored { end += 1 }
    body(start..<end)
    start = end
  }
}

/// Points per partial sum: fixed, so that the total does not depend on the number of threads.
private let pointBlock = 1024
