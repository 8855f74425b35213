import AthanorKernels

extension Tensor {
  /// Layer normalisation along the last axis: γ(x − μ)/√(σ² + ε) + β with each row's own μ and
  /// biased σ².
  ///
  /// Shapes: self `[…,C]`, scale γ and shift β `[C]`. Traps for shape `[]`, which has no last axis.
  ///
  /// Source: Ba, Kiros & Hinton, Layer Normalization, 2016, eq. 4.
  public func layerNorm(scale: Tensor, shift: Tensor, epsilon: Double = 1e-5) -> Tensor {
    requireFloating("layerNorm")
    require(
      rank > 0 && scale.shape == [shape[rank - 1]] && shift.shape == scale.shape
        && scale.dtype == dtype && shift.dtype == dtype,
      "layerNorm: \(self) with scale \(scale) and shift \(shift)")
    if isShapeOnly { return tracedNormalization("LayerNorm", scale, shift) }
    return dtype == .float32
      ? layerNorm(scale, shift, epsilon, Float.self)
      : layerNorm(scale, shift, epsilon, Double.self)
  }

  private func layerNorm<T: FloatingScalar & TensorScalar>(
    _ scale: Tensor, _ shift: Tensor, _ epsilon: Double, _ type: T.Type
  ) -> Tensor {
    let channels = shape[rank - 1]
    let rows = channels == 0 ? 0 : count / channels
    let y = likeUninitialized()
    let mean = Tensor(uninitialized: [rows], dtype)
    let inverse = mean.likeUninitialized()
    LayerNormalization.forward(
      pointer(to: T.self), rows: rows, channels: channels, epsilon: epsilon,
      scale: scale.pointer(), shift: shift.pointer(), to: y.pointer(), mean: mean.pointer(),
      inverse: inverse.pointer())
    return y.computed(from: [self, scale, shift]) {
      [x = detached(), scale = scale.detached()] gradient, needed in
      let dX: Tensor? = needed[0] ? x.likeUninitialized() : nil
      let (dScale, dShift) = (scale.likeUninitialized(), scale.likeUninitialized())
      LayerNormalization.backward(
        gradient.pointer(to: T.self), x.pointer(), rows: rows, channels: channels,
        scale: scale.pointer(), mean: mean.pointer(), inverse: inverse.pointer(),
        dx: dX?.pointer(), dScale: dScale.pointer(), dShift: dShift.pointer())
      return [dX, dScale, dShift]
    }
  }
}
