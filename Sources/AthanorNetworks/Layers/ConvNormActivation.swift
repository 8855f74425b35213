import AthanorTensor

/// torchvision's `Conv2dNormActivation`: a convolution without bias, batch norm, an activation.
public struct ConvNormActivation: Module {
  public enum Activation: Sendable { case none, relu, hardSwish }

  let conv: Conv2d
  let norm: BatchNorm2d
  let activation: Activation

  public init(
    _ input: Int, _ output: Int, kernel: Int, stride: Int = 1, dilation: Int = 1, groups: Int = 1,
    epsilon: Double = 1e-5, momentum: Double = 0.1, _ activation: Activation
  ) {
    conv = Conv2d(
      input, output, kernel: kernel, stride: stride, dilation: dilation, groups: groups)
    norm = BatchNorm2d(output, epsilon: epsilon, momentum: momentum)
    self.activation = activation
  }

  public func callAsFunction(_ x: Tensor, _ mode: ForwardMode) -> Tensor {
    let y = norm(conv(x), mode, relu: activation == .relu)
    return activation == .hardSwish ? y.hardSwish() : y
  }

  public var parts: Parts { [("0", conv), ("1", norm)] }
}

/// Squeeze-and-excitation: each channel times a factor computed from the means of all channels.
///
/// Source: Hu et al. 2018; as in Howard et al. 2019 with a hard sigmoid.
public struct SqueezeExcitation: Module {
  let fc1: Conv2d
  let fc2: Conv2d

  public init(_ channels: Int, squeezed: Int) {
    fc1 = Conv2d(channels, squeezed, kernel: 1, bias: 0)
    fc2 = Conv2d(squeezed, channels, kernel: 1, bias: 0)
  }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    x * fc2(fc1(x.meanPooled(), relu: true)).hardSigmoid()
  }

  public var parts: Parts { [("fc1", fc1), ("fc2", fc2)] }
}
