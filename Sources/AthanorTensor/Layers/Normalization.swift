import AthanorKernels

/// The running mean and variance of a batch-norm layer, which evaluation normalises with.
public final class RunningStatistics: @unchecked Sendable {
  public var mean: Tensor
  /// Unbiased.
  public var variance: Tensor
  public var batches = 0

  public init(channels: Int, _ dtype: DType = .float32) {
    mean = .zeros([channels], dtype)
    variance = .ones([channels], dtype)
  }

  func update(
    mean batchMean: [Double], variance batchVariance: [Double], count: Int, momentum: Double
  ) {
    guard count > 0 else { return }
    let unbias = Double(count) / Double(max(1, count - 1))
    let (m, v) = (mean.doubles, variance.doubles)
    let newMean = m.indices.map { (1 - momentum) * m[$0] + momentum * batchMean[$0] }
    let newVariance = v.indices.map {
      (1 - momentum) * v[$0] + momentum * batchVariance[$0] * unbias
    }
    mean = Tensor(newMean, shape: [m.count]).cast(to: mean.dtype)
    variance = Tensor(newVariance, shape: [v.count]).cast(to: variance.dtype)
    batches += 1
  }
}

extension Tensor {
  /// Which statistics `batchNorm` uses.
  public enum BatchNormMode: Sendable {
    /// Those of the batch, which also update the running ones with weight `momentum`.
    case training(momentum: Double)
    /// Those of the batch; the running ones are unchanged.
    case batchStatistics
    /// The running ones.
    case evaluation
  }

  /// Batch normalisation over N, H and W (Ioffe & Szegedy 2015): γ(x − μ)/√(σ² + ε) + β.
  ///
  /// Shapes: self `[N,H,W,C]`, scale and shift `[C]`. With `relu` the result is rectified in the
  /// same pass. The batch's variance is biased, the running one unbiased, as in PyTorch.
  public func batchNorm(
    scale: Tensor, shift: Tensor, running: RunningStatistics, mode: BatchNormMode,
    epsilon: Double = 1e-5, relu: Bool = false
  ) -> Tensor {
    require(
      rank == 4 && running.mean.shape == [shape[3]],
      "batchNorm: \(self) with running statistics of shape \(running.mean.shape)")
    if isShapeOnly { return tracedNormalization("BatchNorm2d", scale, shift) }
    let geometry = Normalization.Geometry(
      images: shape[0], pixels: shape[1] * shape[2], channels: shape[3], groups: nil)
    guard case .evaluation = mode else {
      let (mean, variance) = statistics(geometry)
      if case .training(let momentum) = mode {
        running.update(
          mean: mean, variance: variance, count: shape[0] * shape[1] * shape[2], momentum: momentum)
      }
      return normalized(
        geometry, mean, variance, scale, shift, epsilon: epsilon, relu: relu, frozen: false)
    }
    return normalized(
      geometry, running.mean.doubles, running.variance.doubles, scale, shift, epsilon: epsilon,
      relu: relu, frozen: true)
  }

  /// Group normalisation (Wu & He 2018): as batch norm, over H, W and a group of channels.
  public func groupNorm(
    groups: Int, scale: Tensor, shift: Tensor, epsilon: Double = 1e-5, relu: Bool = false
  ) -> Tensor {
    require(
      rank == 4 && groups > 0 && shape[3] % groups == 0,
      "groupNorm: \(groups) groups of \(self)")
    if isShapeOnly { return tracedNormalization("GroupNorm", scale, shift) }
    let geometry = Normalization.Geometry(
      images: shape[0], pixels: shape[1] * shape[2], channels: shape[3], groups: groups)
    let (mean, variance) = statistics(geometry)
    return normalized(
      geometry, mean, variance, scale, shift, epsilon: epsilon, relu: relu, frozen: false)
  }

  func tracedNormalization(_ operation: String, _ scale: Tensor, _ shift: Tensor) -> Tensor {
    traced(operation, shape, flops: 2 * count, parameters: [scale, shift])
  }

  private func statistics(
    _ geometry: Normalization.Geometry
  ) -> (mean: [Double], variance: [Double]) {
    dtype == .float32
      ? Normalization.statistics(pointer(to: Float.self), geometry)
      : Normalization.statistics(pointer(to: Double.self), geometry)
  }

  private func normalized(
    _ geometry: Normalization.Geometry, _ mean: [Double], _ variance: [Double], _ scale: Tensor,
    _ shift: Tensor, epsilon: Double, relu: Bool, frozen: Bool
  ) -> Tensor {
    requireFloating("normalisation")
    require(
      scale.shape == [shape[3]] && shift.shape == [shape[3]] && scale.dtype == dtype
        && shift.dtype == dtype,
      "normalisation: \(self) with scale \(scale) and shift \(shift)")
    let y = Tensor(uninitialized: shape, dtype)
    if dtype == .float32 {
      Normalization.forward(
        pointer(to: Float.self), geometry, mean: mean, variance: variance, epsilon: epsilon,
        scale: scale.pointer(to: Float.self), shift: shift.pointer(to: Float.self), relu: relu,
        to: y.pointer(to: Float.self))
    } else {
      Normalization.forward(
        pointer(to: Double.self), geometry, mean: mean, variance: variance, epsilon: epsilon,
        scale: scale.pointer(to: Double.self), shift: shift.pointer(to: Double.self), relu: relu,
        to: y.pointer(to: Double.self))
    }
    return y.computed(from: [self, scale, shift]) {
      [x = detached(), scale = scale.detached()] gradient, needed in
      let dX: Tensor? = needed[0] ? Tensor(uninitialized: x.shape, x.dtype) : nil
      let (dScale, dShift) = (scale.zerosLike(), scale.zerosLike())
      if x.dtype == .float32 {
        Normalization.backward(
          gradient.pointer(to: Float.self), x.pointer(to: Float.self),
          relu: relu ? y.pointer(to: Float.self) : nil, geometry, mean: mean, variance: variance,
          epsilon: epsilon, scale: scale.pointer(to: Float.self), frozen: frozen,
          dx: dX?.pointer(to: Float.self), dScale: dScale.pointer(to: Float.self),
          dShift: dShift.pointer(to: Float.self))
      } else {
        Normalization.backward(
          gradient.pointer(to: Double.self), x.pointer(to: Double.self),
          relu: relu ? y.pointer(to: Double.self) : nil, geometry, mean: mean, variance: variance,
          epsilon: epsilon, scale: scale.pointer(to: Double.self), frozen: frozen,
          dx: dX?.pointer(to: Double.self), dScale: dScale.pointer(to: Double.self),
          dShift: dShift.pointer(to: Double.self))
      }
      return [dX, dScale, dShift]
    }
  }
}
