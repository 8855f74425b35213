import AthanorKernels
import AthanorTensor

/// A loss that is a function of sums over pixels. It defines what is summed, the loss of the sums,
/// and the gradient; the passes over the pixels are parallel and fused with the softmax.
///
/// The forward pass stores only the sums; the backward pass computes the softmax again from the
/// logits, which is faster than storing and loading it. Sums are taken in blocks of a fixed size,
/// whatever the number of threads.
protocol SoftmaxLoss: SegmentationLoss {
  /// How many sums `accumulate` fills.
  func sums(classes: Int) -> Int

  /// Adds the block's contribution to every row of `sums`, lane by lane.
  func accumulate<T: FloatingScalar>(_ block: SoftmaxBlock<T>, into sums: Rows<T>)

  /// The loss from the sums, and the factors that `differentiate` needs; nil factors where the
  /// gradient is zero everywhere.
  func value(of sums: [Double], classes: Int, channels: Int) -> (loss: Double, factors: [Double]?)

  /// Writes dL/dlogit to `block.d`, 0 for ignored pixels.
  func differentiate<T: FloatingScalar>(_ block: SoftmaxBlock<T>, factors: [T])

  /// Further inputs of the loss for each pixel, computed from the target: `[N,H,W,K]` of the given
  /// type, read into `SoftmaxBlock.map`; nil for most losses. Where K is the number of channels,
  /// the gradient overwrites it.
  func maps<T: FloatingScalar & TensorScalar>(
    _ target: Tensor, channels: Int, _ type: T.Type
  ) -> Tensor?
}

extension SoftmaxLoss {
  func maps<T: FloatingScalar & TensorScalar>(
    _ target: Tensor, channels: Int, _ type: T.Type
  ) -> Tensor? { nil }

  public func callAsFunction(_ logits: Tensor, _ target: Tensor) -> Tensor {
    fused(logits, target)
  }

  /// The loss, computed from its sums.
  func fused(_ logits: Tensor, _ target: Tensor) -> Tensor {
    requireLogits(logits, target, Self.name)
    let classes = max(2, logits.shape[3])
    if let incompatibility = incompatibility(classes: classes) {
      preconditionFailure("\(Self.name): \(incompatibility)")
    }
    let loss = needsFrequencies ? fitted(to: ClassFrequencies(target, classes: classes)) : self
    return logits.dtype == .float32
      ? loss.evaluate(logits, target, Float.self) : loss.evaluate(logits, target, Double.self)
  }

  private func evaluate<T: FloatingScalar & TensorScalar>(
    _ logits: Tensor, _ target: Tensor, _ type: T.Type
  ) -> Tensor {
    let channels = logits.shape[3]
    let classes = max(2, channels)
    let maps = maps(target, channels: channels, T.self)
    let sums = forward(logits, target, maps, classes, T.self)
    let (loss, factors) = value(of: sums, classes: classes, channels: channels)
    let saved = maps.map { map in
      RecomputableTensor(map) { self.maps(target, channels: channels, T.self)! }
    }
    return Tensor(loss, logits.dtype).computed(from: [logits]) {
      [logits = logits.detached()] upstream, _ in
      guard let factors else { return [logits.zerosLike()] }
      return [
        backward(
          logits, target, saved?.take(), classes, factors.map { T($0) }, T(upstream.scalar))
      ]
    }
  }

  private func forward<T: FloatingScalar & TensorScalar>(
    _ logits: Tensor, _ target: Tensor, _ maps: Tensor?, _ classes: Int, _ type: T.Type
  ) -> [Double] {
    let (mapRows, map) = (maps?.shape[3] ?? 0, maps?.pointer(to: T.self))
    let (source, labels) = (logits.pointer(to: T.self), target.pointer(to: UInt8.self))
    let (pixels, channels) = (target.count, logits.shape[3])
    let rows = sums(classes: classes)
    let lanes = SoftmaxBlock<T>.lanes
    let chunks = (pixels + softmaxChunk - 1) / softmaxChunk
    // For each chunk its sums, then its largest class.
    var partial = [Double](repeating: 0, count: chunks * (rows + 1))
    partial.withUnsafeMutableBufferPointer { partial in
      nonisolated(unsafe) let out = partial.baseAddress
      parallelFor(chunks) { chunk in
        let room = SoftmaxBlock<T>.elements(classes: classes, maps: mapRows) + rows * lanes
        withUnsafeTemporaryAllocation(of: T.self, capacity: room) { memory in
          let block = SoftmaxBlock<T>(channels: channels, memory.baseAddress!)
          let sums = Rows(base: memory.baseAddress! + room - rows * lanes)
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
    let (mapRows, map) = (maps?.shape[3] ?? 0, maps?.pointer(to: T.self))
    // A block is read before it is written, so that the gradient can overwrite the map.
    let over = maps.flatMap { $0.shape == logits.shape ? $0 : nil }
    let result = over ?? Tensor(uninitialized: logits.shape, logits.dtype)
    let (source, labels) = (logits.pointer(to: T.self), target.pointer(to: UInt8.self))
    let out = result.pointer(to: T.self)
    let (pixels, channels) = (target.count, logits.shape[3])
    let lanes = SoftmaxBlock<T>.lanes
    parallelFor((pixels + softmaxChunk - 1) / softmaxChunk) { chunk in
      let room = SoftmaxBlock<T>.elements(classes: classes, maps: mapRows)
      withUnsafeTemporaryAllocation(of: T.self, capacity: room) { memory in
        let block = SoftmaxBlock<T>(channels: channels, memory.baseAddress!)
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

/// Pixels per partial sum.
private let softmaxChunk = 4096
