import AthanorCore
import AthanorKernels
import AthanorTensor

/// The Lovász extension of the Jaccard loss: a convex surrogate of IoU itself, on the errors of all
/// pixels in order.
///
/// Per class present in the target, errors e = |g − p_c| of the batch's valid pixels sorted from the
/// largest (stable), loss Σ e_i·(J_i − J_{i−1}), J_i = 1 − (G − Σ_{≤i} g)/(G + Σ_{≤i} (1 − g)); mean over
/// those classes. With one channel the hinge form: e = 1 − x·(2g − 1), negative ones count as 0.
///
/// Memory: the logits once more.
/// Source: Berman et al. 2018, eq. 8, 9 and 11.
public struct LovaszSoftmaxLoss: SegmentationLoss {
  public static let name = "lovasz_softmax"
  public static let summary = "the Lovasz extension of the Jaccard loss"
  public static let source = "Berman et al. 2018"

  public init(_ options: NoOptions = NoOptions()) {}

  public func callAsFunction(_ logits: Tensor, _ target: Tensor) -> Tensor {
    requireLogits(logits, target, Self.name)
    let channels = logits.shape[3]
    let labels = target.pointer(to: UInt8.self)
    let valid = (0..<target.count).filter { labels[$0] != ignoredClass }.map { Int32($0) }
    let largest = valid.map { labels[Int($0)] }.max() ?? 0
    precondition(
      Int(largest) < max(2, channels),
      "\(Self.name): the target holds class \(largest), the logits have \(channels) channels")
    return logits.dtype == .float32
      ? evaluate(logits, labels, valid, Float.self) : evaluate(logits, labels, valid, Double.self)
  }

  private func evaluate<T: FloatingScalar & TensorScalar>(
    _ logits: Tensor, _ labels: UnsafeMutablePointer<UInt8>, _ valid: [Int32], _ type: T.Type
  ) -> Tensor {
    let channels = logits.shape[3]
    guard !valid.isEmpty else {
      return Tensor(0, logits.dtype).computed(from: [logits]) { [logits = logits.detached()] _, _ in
        [logits.zerosLike()]
      }
    }
    let gradient = logits.zerosLike()
    let (x, d) = (logits.pointer(to: T.self), gradient.pointer(to: T.self))
    let loss =
      channels == 1
      ? hinge(x, labels, valid, d) : softmax(x, labels, valid, channels, d)
    return Tensor(loss, logits.dtype).computed(from: [logits]) { upstream, _ in
      [gradient * upstream]
    }
  }

  /// Leaves dL/dx in `d`.
  private func hinge<T: FloatingScalar>(
    _ x: UnsafePointer<T>, _ labels: UnsafePointer<UInt8>, _ valid: [Int32],
    _ d: UnsafeMutablePointer<T>
  ) -> Double {
    let errors = valid.map { i in 1 - x[Int(i)] * (labels[Int(i)] == 1 ? 1 : -1) }
    var loss = 0.0
    lovaszSlopes(errors, valid.map { labels[Int($0)] == 1 }) { k, slope in
      guard errors[k] > 0 else { return }
      let i = Int(valid[k])
      loss += Double(errors[k]) * slope
      d[i] = T(labels[i] == 1 ? -slope : slope)
    }
    return loss
  }

  /// Leaves dL/dx in `d`, where first the softmax and then dL/dp stand.
  private func softmax<T: FloatingScalar>(
    _ x: UnsafePointer<T>, _ labels: UnsafePointer<UInt8>, _ valid: [Int32], _ channels: Int,
    _ d: UnsafeMutablePointer<T>
  ) -> Double {
    parallelRanges(valid.count, grain: 1024) { range in
      for k in range { writeSoftmax(x, d, Int(valid[k]) * channels, channels) }
    }
    var isPresent = [Bool](repeating: false, count: channels)
    for i in valid { isPresent[Int(labels[Int(i)])] = true }
    let present = (0..<channels).filter { isPresent[$0] }
    let scale = 1 / Double(present.count)
    var losses = [Double](repeating: 0, count: channels)
    losses.withUnsafeMutableBufferPointer { losses in
      nonisolated(unsafe) let losses = losses
      parallelFor(present.count) { n in
        let c = present[n]
        let truth = valid.map { Int(labels[Int($0)]) == c }
        let errors = valid.indices.map { k in
          let p = d[Int(valid[k]) * channels + c]
          return truth[k] ? 1 - p : p
        }
        var loss = 0.0
        lovaszSlopes(errors, truth) { k, slope in
          loss += Double(errors[k]) * slope
          d[Int(valid[k]) * channels + c] = T(truth[k] ? -slope * scale : slope * scale)
        }
        losses[c] = loss * scale
      }
    }
    parallelRanges(valid.count, grain: 1024) { range in
      withUnsafeTemporaryAllocation(of: T.self, capacity: channels) { p in
        for k in range {
          let at = Int(valid[k]) * channels
          writeSoftmax(x + at, p.baseAddress!, 0, channels)
          var inner: T = 0
          for c in 0..<channels {
            if !isPresent[c] { d[at + c] = 0 }
            inner += d[at + c] * p[c]
          }
          for c in 0..<channels { d[at + c] = p[c] * (d[at + c] - inner) }
        }
      }
    }
    return losses.reduce(0, +)
  }
}

/// The softmax of `count` logits at `from`, to the same place of `p`.
private func writeSoftmax<T: FloatingScalar>(
  _ x: UnsafePointer<T>, _ p: UnsafeMutablePointer<T>, _ from: Int, _ count: Int
) {
  var largest = x[from]
  for c in 1..<count { largest = max(largest, x[from + c]) }
  var total: T = 0
  for c in 0..<count {
    let e = T.vectorExp(x[from + c] - largest)
    p[from + c] = e
    total += e
  }
  let inverse = 1 / total
  for c in 0..<count { p[from + c] *= inverse }
}

/// Calls `body` with each place and J_i − J_{i−1} of its error, in the order of the errors.
private func lovaszSlopes<T: FloatingScalar>(
  _ errors: [T], _ truth: [Bool], _ body: (Int, Double) -> Void
) {
  let order = descendingOrder(errors)
  let total = Double(truth.count { $0 })
  var (hits, misses, before) = (0.0, 0.0, 0.0)
  for k in order {
    if truth[Int(k)] { hits += 1 } else { misses += 1 }
    let jaccard = 1 - (total - hits) / (total + misses)
    body(Int(k), jaccard - before)
    before = jaccard
  }
}

/// The places of the values from the largest down, equal ones in their order: a radix sort by eleven
/// bits at a time of the values as ordered integers.
private func descendingOrder<T: FloatingScalar>(_ values: [T]) -> [Int32] {
  let isShort = T.self == Float.self
  // Ascending keys for descending values: all bits of what would sort values ascending, turned over.
  let keys: [UInt64] = values.map { value in
    if isShort {
      let bits = Float(value).bitPattern
      return UInt64(~(bits >> 31 == 1 ? ~bits : bits | 0x8000_0000))
    }
    let bits = Double(value).bitPattern
    return ~(bits >> 63 == 1 ? ~bits : bits | 1 << 63)
  }
  var order = (0..<Int32(values.count)).map { $0 }
  var next = order
  for shift in stride(from: UInt64(0), to: isShort ? 33 : 66, by: 11) {
    var starts = [Int](repeating: 0, count: 2049)
    for key in keys { starts[Int(key >> shift & 2047) + 1] += 1 }
    for digit in 0..<2048 { starts[digit + 1] += starts[digit] }
    for place in order {
      let digit = Int(keys[Int(place)] >> shift & 2047)
      next[starts[digit]] = place
      starts[digit] += 1
    }
    swap(&order, &next)
  }
  return order
}
