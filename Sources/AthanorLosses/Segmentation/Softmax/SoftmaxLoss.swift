import AthanorKernels
import AthanorTensor

/// A loss that is a function of sums over pixels of functions of their softmax: it gives what to add
/// up, the value from the sums, and the way back, and gets fused parallel passes for it.
///
/// The forward pass keeps sums alone; the backward pass works the softmax out again from the logits,
/// which costs less than storing and loading it. Sums run in blocks of a fixed size whatever the
/// thread count.
protocol SoftmaxLoss: SegmentationLoss {
  /// How many sums `accumulate` fills.
  func sums(classes: Int) -> Int

  /// Adds the block's contribution to every row of `sums`, lane by lane.
  func accumulate<T: FloatingScalar>(_ block: SoftmaxBlock<T>, into sums: Rows<T>)

  /// The loss from the sums, and the factors that `differentiate` needs; nil factors where the
  /// gradient is zero everywhere.
  func value(of sums: [Double], classes: Int, channels: Int) -> (loss: Double, factors: [Double]?)

  /// Leaves dL/dlogit in `block.d`, 0 for ignored pixels.
  func differentiate<T: FloatingScalar>(_ block: SoftmaxBlock<T>, factors: [T])

  /// Traps where the options do not fit the number of classes.
  func check(classes: Int)

  /// What the loss has to know of each pixel beside its class, worked out of the target: `[P,K]` of the
  /// given type, read into `SoftmaxBlock.map`; nil for most.
  func maps(_ target: Tensor, classes: Int, _ dtype: DType) -> Tensor?

  /// The loss to work with, where options depend on the batch's target: weights by its frequencies.
  func fitted(to target: Tensor, classes: Int) -> Self
}

extension SoftmaxLoss {
  func check(classes: Int) {}
  func maps(_ target: Tensor, classes: Int, _ dtype: DType) -> Tensor? { nil }
  func fitted(to target: Tensor, classes: Int) -> Self { self }

  public func callAsFunction(_ logits: Tensor, _ target: Tensor) -> Tensor {
    fused(logits, target)
  }

  /// The loss by its sums.
  func fused(_ logits: Tensor, _ target: Tensor) -> Tensor {
    requireLogits(logits, target, Self.name)
    let classes = max(2, logits.shape[3])
    check(classes: classes)
    let loss = fitted(to: target, classes: classes)
    return logits.dtype == .float32
      ? loss.evaluate(logits, target, Float.self) : loss.evaluate(logits, target, Double.self)
  }

  private func evaluate<T: FloatingScalar & TensorScalar>(
    _ logits: Tensor, _ target: Tensor, _ type: T.Type
  ) -> Tensor {
    let channels = logits.shape[3]
    let classes = max(2, channels)
    let maps = maps(target, classes: classes, logits.dtype)
    let sums = forward(logits, target, maps, classes, T.self)
    let (loss, factors) = value(of: sums, classes: classes, channels: channels)
    return Tensor(loss, logits.dtype).computed(from: [logits]) {
      [logits = logits.detached()] upstream, _ in
      guard let factors else { return [logits.zerosLike()] }
      return [backward(logits, target, maps, classes, factors.map { T($0) }, T(upstream.scalar))]
    }
  }

  private func forward<T: FloatingScalar & TensorScalar>(
    _ logits: Tensor, _ target: Tensor, _ maps: Tensor?, _ classes: Int, _ type: T.Type
  ) -> [Double] {
    let (mapRows, map) = (maps?.shape[1] ?? 0, maps?.pointer(to: T.self))
    let (source, labels) = (logits.pointer(to: T.self), target.pointer(to: UInt8.self))
    let (pixels, channels) = (target.count, logits.shape[3])
    let rows = sums(classes: classes)
    let lanes = SoftmaxBlock<T>.lanes
    let chunks = (pixels + softmaxChunk - 1) / softmaxChunk
    // Of each chunk, its sums and then its largest class.
    var partial = [Double](repeating: 0, count: chunks * (rows + 1))
    partial.withUnsafeMutableBufferPointer { partial in
      nonisolated(unsafe) let out = partial.baseAddress
      parallelFor(chunks) { chunk in
        let room = SoftmaxBlock<T>.elements(classes: classes, maps: mapRows) + rows * lanes
        withUnsafeTemporaryAllocation(of: T.self, capacity: room) { memory in
          let block = SoftmaxBlock<T>(classes: classes, memory.baseAddress!)
          let sums = Rows(base: memory.baseAddress! + SoftmaxBlock<T>.elements(classes: classes, maps: mapRows))
          sums.base.initialize(repeating: 0, count: rows * lanes)
          let end = min(pixels, (chunk + 1) * softmaxChunk)
          var largest = -1
          for start in stride(from: chunk * softmaxChunk, to: end, by: lanes) {
            let found = block.load(
              source + start * channels, labels + start, channels: channels,
              count: min(lanes, end - start))
            largest = max(largest, found)
            if let map {
              block.load(maps: map + start * mapRows, mapRows, count: min(lanes, end - start))
            }
            accumulate(block, into: sums)
          }
          let result = out! + chunk * (rows + 1)
          for row in 0..<rows {
            var sum = 0.0
            for i in 0..<lanes { sum += Double(sums[row][i]) }
            result[row] = sum
          }
          result[rows] = Double(largest)
        }
      }
    }
    var totals = [Double](repeating: 0, count: rows)
    for chunk in 0..<chunks {
      for row in 0..<rows { totals[row] += partial[chunk * (rows + 1) + row] }
      let largest = Int(partial[chunk * (rows + 1) + rows])
      precondition(
        largest < classes,
        "\(Self.name): the target holds class \(largest), the logits have \(channels) channels")
    }
    return totals
  }

  private func backward<T: FloatingScalar & TensorScalar>(
    _ logits: Tensor, _ target: Tensor, _ maps: Tensor?, _ classes: Int, _ factors: [T],
    _ scale: T
  ) -> Tensor {
    let (mapRows, map) = (maps?.shape[1] ?? 0, maps?.pointer(to: T.self))
    let result = Tensor(uninitialized: logits.shape, logits.dtype)
    let (source, labels) = (logits.pointer(to: T.self), target.pointer(to: UInt8.self))
    let out = result.pointer(to: T.self)
    let (pixels, channels) = (target.count, logits.shape[3])
    let lanes = SoftmaxBlock<T>.lanes
    parallelFor((pixels + softmaxChunk - 1) / softmaxChunk) { chunk in
      let room = SoftmaxBlock<T>.elements(classes: classes, maps: mapRows)
      withUnsafeTemporaryAllocation(of: T.self, capacity: room) { memory in
        let block = SoftmaxBlock<T>(classes: classes, memory.baseAddress!)
        let end = min(pixels, (chunk + 1) * softmaxChunk)
        for start in stride(from: chunk * softmaxChunk, to: end, by: lanes) {
          let count = min(lanes, end - start)
          _ = block.load(
            source + start * channels, labels + start, channels: channels, count: count)
          if let map { block.load(maps: map + start * mapRows, mapRows, count: count) }
          differentiate(block, factors: factors)
          block.store(out + start * channels, channels: channels, count: count, scale: scale)
        }
      }
    }
    return result
  }
}

/// Pixels whose sums are added up in one go.
private let softmaxChunk = 4096
