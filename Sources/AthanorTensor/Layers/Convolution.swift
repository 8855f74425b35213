import AthanorKernels

extension Tensor {
  /// Two-dimensional convolution (cross-correlation, as everywhere in deep learning).
  ///
  /// With `groups` the channels of input and result are divided into that many groups, and each
  /// group of the result depends on its group of the input; with one group per channel the
  /// convolution is depthwise. `dilation` is the distance in pixels from one tap of the kernel to
  /// the next, 1 for a dense kernel. With `relu` the result is rectified in the same pass.
  ///
  /// Shapes: self `[N,H,W,I]`, weights `[O,I/groups,KH,KW]`, bias `[O]`; result `[N,H',W',O]` with
  /// H' = ⌊(H + 2·padding − dilation·(KH − 1) − 1)/stride⌋ + 1.
  public func conv2d(
    _ weights: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: Int = 0, dilation: Int = 1,
    groups: Int = 1, relu: Bool = false
  ) -> Tensor {
    requireFloating("conv2d")
    require(
      rank == 4 && weights.rank == 4 && groups > 0 && shape[3] == groups * weights.shape[1]
        && weights.shape[0] % groups == 0 && dtype == weights.dtype && weights.count > 0,
      "conv2d: input \(self) with weights \(weights)\(groups == 1 ? "" : " in \(groups) groups")")
    require(
      bias.map { $0.shape == [weights.shape[0]] && $0.dtype == dtype } ?? true,
      "conv2d: bias \(bias!) for weights \(weights)")
    let g = WindowGeometry(
      n: shape[0], h: shape[1], w: shape[2], c: shape[3], outputChannels: weights.shape[0],
      kernelHeight: weights.shape[2], kernelWidth: weights.shape[3], stride: stride,
      padding: padding, dilation: dilation, groups: groups)
    require(
      g.isValid,
      "conv2d: \(self) with weights \(weights), stride \(stride), padding \(padding), "
        + "dilation \(dilation)")
    let output = [g.n, g.outputHeight, g.outputWidth, g.outputChannels]
    if isShapeOnly {
      let kind = groups == 1 ? "" : groups == shape[3] ? ", depthwise" : ", \(groups) groups"
      return traced(
        "Conv2d \(g.kernelHeight)×\(g.kernelWidth)/\(stride)\(kind)", output,
        flops: 2 * g.n * g.outputHeight * g.outputWidth * weights.count,
        parameters: [weights] + (bias.map { [$0] } ?? []))
    }
    let y = Tensor(uninitialized: output, dtype)
    if dtype == .float32 {
      Convolution.forward(
        g, src: pointer(to: Float.self), weights: weights.pointer(to: Float.self),
        bias: bias?.pointer(to: Float.self), dst: y.pointer(to: Float.self), relu: relu)
    } else {
      Convolution.forward(
        g, src: pointer(to: Double.self), weights: weights.pointer(to: Double.self),
        bias: bias?.pointer(to: Double.self), dst: y.pointer(to: Double.self), relu: relu)
    }
    let inputs = [self, weights] + (bias.map { [$0] } ?? [])
    let backwardData = BackwardData(g)
    return y.computed(from: inputs) {
      [x = detached(), weights = weights.detached()] gradient, needed in
      let gradient = relu ? gradient.masked(by: y) : gradient
      let dX: Tensor? = needed[0] ? Tensor(uninitialized: x.shape, x.dtype) : nil
      let dW: Tensor? =
        needed[1] || needed.last! ? Tensor(uninitialized: weights.shape, x.dtype) : nil
      let dB: Tensor? =
        needed.count == 3 ? Tensor(uninitialized: [g.outputChannels], x.dtype) : nil
      if x.dtype == .float32 {
        Self.convolutionBackward(g, backwardData, x, weights, gradient, dX, dW, dB)
      } else {
        Self.convolutionBackwardDouble(g, x, weights, gradient, dX, dW, dB)
      }
      return needed.count == 3 ? [dX, dW, dB] : [dX, dW]
    }
  }

  private static func convolutionBackward(
    _ g: WindowGeometry, _ backwardData: BackwardData, _ x: Tensor, _ weights: Tensor,
    _ gradient: Tensor, _ dX: Tensor?, _ dW: Tensor?, _ dB: Tensor?
  ) {
    let diffDst = gradient.pointer(to: Float.self)
    if let dX {
      backwardData(
        diffDst: diffDst, weights: weights.pointer(to: Float.self),
        diffSrc: dX.pointer(to: Float.self))
    }
    if let dW {
      Convolution.backwardWeights(
        g, src: x.pointer(to: Float.self), diffDst: diffDst,
        diffWeights: dW.pointer(to: Float.self), diffBias: dB?.pointer(to: Float.self))
    }
  }

  private static func convolutionBackwardDouble(
    _ g: WindowGeometry, _ x: Tensor, _ weights: Tensor, _ gradient: Tensor, _ dX: Tensor?,
    _ dW: Tensor?, _ dB: Tensor?
  ) {
    let diffDst = gradient.pointer(to: Double.self)
    if let dX {
      Convolution.backwardData(
        g, diffDst: diffDst, weights: weights.pointer(to: Double.self),
        diffSrc: dX.pointer(to: Double.self))
    }
    if let dW {
      Convolution.backwardWeights(
        g, src: x.pointer(to: Double.self), diffDst: diffDst,
        diffWeights: dW.pointer(to: Double.self), diffBias: dB?.pointer(to: Double.self))
    }
  }

  /// This gradient where the ReLU output `y` is positive, elsewhere 0.
  func masked(by y: Tensor) -> Tensor { Self.map(WherePositive(), self, y) }
}

private struct WherePositive: ElementFunction2 {
  func callAsFunction<T: FloatingScalar>(_ g: T, _ y: T) -> T { y > 0 ? g : 0 }
}
