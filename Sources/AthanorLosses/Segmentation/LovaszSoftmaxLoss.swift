import AthanorCore
import AthanorKernels
import AthanorTensor

/// The Lovász extension of the Jaccard loss: a convex surrogate of IoU, computed from the sorted
/// errors of all pixels.
///
/// Per class present in the target, errors e = |g − p_c| of the batch's valid pixels sorted from
/// the largest (stable), loss Σ e_i·(J_i − J_{i−1}), J_i = 1 − (G − Σ_{≤i} g)/(G + Σ_{≤i} (1 − g));
/// mean over those classes. With one channel the hinge form: e = 1 − x·(2g − 1), negative errors
/// count as 0.
///
/// Memory: the gradient, and 20 bytes per pixel to sort float32.
/// Source: Berman et al. 2018, eq. 8, 9 and 11.
public struct LovaszSoftmaxLoss: SegmentationLoss {
  public static let name = "lovasz_softmax"
  public static let summary = "the Lovasz extension of the Jaccard loss"
  public static let source = "Berman et al. 2018"

  public init(_ options: NoOptions = NoOptions()) {}

  public func callAsFunction(_ logits: Tensor, _ target: Tensor) -> Tensor {
    requireLogits(logits, target, Self.name)
    return logits.dtype == .float32
      ? evaluate(logits, target, Float.self) : evaluate(logits, target, Double.self)
  }

  private func evaluate<T: SortableScalar>(
    _ logits: Tensor, _ target: Tensor, _ type: T.Type
  ) -> Tensor {
    let values = logits.detached()
    let (loss, gradient) = valueAndGradient(values, target, T.self)
    let saved = RecomputableTensor(gradient) { valueAndGradient(values, target, T.self).gradient }
    return Tensor(loss, logits.dtype).computed(from: [logits]) { upstream, _ in
      let gradient = saved.take()
      let (d, scale) = (gradient.pointer(to: T.self), T(upstream.scalar))
      parallelRanges(gradient.count, grain: 1 << 16) { for i in $0 { d[i] *= scale } }
      return [gradient]
    }
  }

  private func valueAndGradient<T: SortableScalar>(
    _ logits: Tensor, _ target: Tensor, _ type: T.Type
  ) -> (loss: Double, gradient: Tensor) {
    let pixels = ValidPixels(target, classes: max(2, logits.shape[3]), Self.name)
    let gradient = logits.zerosLike()
    guard pixels.count > 0 else { return (0, gradient) }
    let (x, d) = (logits.pointer(to: T.self), gradient.pointer(to: T.self))
    let loss =
      logits.shape[3] == 1 ? hinge(x, pixels, d) : softmax(x, pixels, logits.shape[3], d)
    return (loss, gradient)
  }

  /// Writes dL/dx to `d`.
  private func hinge<T: SortableScalar>(
    _ x: UnsafePointer<T>, _ pixels: ValidPixels, _ d: UnsafeMutablePointer<T>
  ) -> Double {
    var ranking = ErrorRanking<T>(count: pixels.count)
    ranking.fill { i in
      let isTrue = pixels.label(i) == 1
      return (1 - x[pixels[i]] * (isTrue ? 1 : -1), isTrue)
    }
    let loss = ranking.rank(scale: 1)
    for i in 0..<pixels.count { d[pixels[i]] = ranking.derivatives[i] }
    return loss
  }

  /// Writes dL/dx to `d`, which contains the softmax and then dL/dp in between.
  private func softmax<T: SortableScalar>(
    _ x: UnsafePointer<T>, _ pixels: ValidPixels, _ channels: Int, _ d: UnsafeMutablePointer<T>
  ) -> Double {
    parallelRanges(pixels.count, grain: 1024) { range in
      for i in range { writeSoftmax(x + pixels[i] * channels, d + pixels[i] * channels, channels) }
    }
    let present = (0..<channels).filter { pixels.isPresent[$0] }
    var (ranking, loss) = (ErrorRanking<T>(count: pixels.count), 0.0)
    for (n, c) in present.enumerated() {
      let (derivatives, before) = (ranking.derivatives, n > 0 ? present[n - 1] : nil)
      ranking.fill { i in
        let row = d + pixels[i] * channels
        if let before { row[before] = derivatives[i] }
        let isTrue = Int(pixels.label(i)) == c
        return (isTrue ? 1 - row[c] : row[c], isTrue)
      }
      loss += ranking.rank(scale: 1 / Double(present.count))
    }
    let (derivatives, last) = (ranking.derivatives, present[present.count - 1])
    parallelRanges(pixels.count, grain: 1024) { range in
      withUnsafeTemporaryAllocation(of: T.self, capacity: channels) { memory in
        let p = memory.baseAddress!
        for i in range {
          let row = d + pixels[i] * channels
          row[last] = derivatives[i]
          writeSoftmax(x + pixels[i] * channels, p, channels)
          var inner: T = 0
          for c in 0..<channels {
            if !pixels.isPresent[c] { row[c] = 0 }
            inner += row[c] * p[c]
          }
          for c in 0..<channels { row[c] = p[c] * (row[c] - inner) }
        }
      }
    }
    return loss
  }
}

/// The pixels of a mask that are not ignored, and the classes among them.
private struct ValidPixels: @unchecked Sendable {
  let count: Int
  let isPresent: [Bool]
  private let labels: UnsafePointer<UInt8>
  private let indices: UnsafePointer<Int32>
  private let (target, list): (Tensor, Tensor)

  /// Traps on a class beyond `classes`.
  init(_ target: Tensor, classes: Int, _ name: String) {
    let list = Tensor(uninitialized: [target.count], .int32)
    let (labels, indices) = (target.pointer(to: UInt8.self), list.pointer(to: Int32.self))
    var (count, isPresent) = (0, [Bool](repeating: false, count: max(256, classes)))
    for i in 0..<target.count where labels[i] != ignoredClass {
      indices[count] = Int32(i)
      count += 1
      isPresent[Int(labels[i])] = true
    }
    let largest = isPresent.lastIndex(of: true) ?? 0
    precondition(
      largest < classes, "\(name): the target holds class \(largest), the logits have \(classes)")
    (self.count, self.labels, self.indices) = (count, UnsafePointer(labels), UnsafePointer(indices))
    (self.isPresent, self.target, self.list) = (isPresent, target, list)
  }

  /// The index of the i-th valid pixel.
  @inline(__always)
  subscript(i: Int) -> Int { Int(indices[i]) }

  /// The class of the i-th valid pixel.
  @inline(__always)
  func label(_ i: Int) -> UInt8 { labels[self[i]] }
}

/// The softmax of `count` logits.
private func writeSoftmax<T: FloatingScalar>(
  _ x: UnsafePointer<T>, _ p: UnsafeMutablePointer<T>, _ count: Int
) {
  var largest = x[0]
  for c in 1..<count { largest = max(largest, x[c]) }
  var total: T = 0
  for c in 0..<count {
    let e = T.vectorExp(x[c] - largest)
    p[c] = e
    total += e
  }
  let inverse = 1 / total
  for c in 0..<count { p[c] *= inverse }
}
