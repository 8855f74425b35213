import AthanorTensor

/// A convolution with weights `[O,I,K,K]` and, where asked, a bias `[O]`.
public struct Conv2d: Module {
  public let weight: Parameter
  public let bias: Parameter?
  public let stride: Int
  public let padding: Int

  /// - Parameters:
  ///   - padding: half the kernel where nil: the size stays at stride 1.
  ///   - bias: what the bias begins with; nil for none.
  public init(
    _ input: Int, _ output: Int, kernel: Int, stride: Int = 1, padding: Int? = nil,
    bias: Double? = nil, initializer: Initializer = .heNormal
  ) {
    weight = Parameter([output, input, kernel, kernel], initializer, decays: true)
    self.bias = bias.map { Parameter([output], .constant($0), decays: false) }
    self.stride = stride
    self.padding = padding ?? kernel / 2
  }

  public func callAsFunction(_ x: Tensor, relu: Bool = false) -> Tensor {
    x.conv2d(weight.value, bias: bias?.value, stride: stride, padding: padding, relu: relu)
  }

  public var parts: Parts { [("weight", weight)] + (bias.map { [("bias", $0)] } ?? []) }
}
