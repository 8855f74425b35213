import AthanorTensor

/// A convolution with weights `[O,I/groups,K,K]` and optionally a bias `[O]`.
public struct Conv2d: Module {
  public let weight: Parameter
  public let bias: Parameter?
  public let stride: Int
  public let padding: Int
  public let dilation: Int
  public let groups: Int

  /// - `padding`: nil for half the dilated kernel, which keeps the size at stride 1.
  /// - `bias`: the initial bias; nil for none.
  public init(
    _ input: Int, _ output: Int, kernel: Int, stride: Int = 1, padding: Int? = nil,
    dilation: Int = 1, groups: Int = 1, bias: Double? = nil, initializer: Initializer = .heNormal
  ) {
    weight = Parameter([output, input / groups, kernel, kernel], initializer, decays: true)
    self.bias = bias.map { Parameter([output], .constant($0), decays: false) }
    self.stride = stride
    self.padding = padding ?? dilation * (kernel / 2)
    (self.dilation, self.groups) = (dilation, groups)
  }

  public func callAsFunction(_ x: Tensor, relu: Bool = false) -> Tensor {
    x.conv2d(
      weight.value, bias: bias?.value, stride: stride, padding: padding, dilation: dilation,
      groups: groups, relu: relu)
  }

  public var parts: Parts { [("weight", weight)] + (bias.map { [("bias", $0)] } ?? []) }
}
