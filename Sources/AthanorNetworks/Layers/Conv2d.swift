import AthanorTensor

/// A convolution with weights `[O,I,K,K]` and, where asked, a bias `[O]`.
public struct Conv2d: Module {
  public let weight: Parameter
  public let bias: Parameter?
  public let stride: Int
  public let padding: Int

  /// - Parameter name: the full name, which addresses the random numbers the weights begin with.
  public init(
    _ input: Int, _ output: Int, kernel: Int, stride: Int = 1, padding: Int? = nil,
    bias: Double? = nil, initializer: Initializer, seed: Int, name: String
  ) {
    weight = Parameter(
      initializer.weights([output, input, kernel, kernel], seed: seed, name: name), decays: true)
    self.bias = bias.map { Parameter(Tensor(repeating: $0, shape: [output]), decays: false) }
    self.stride = stride
    self.padding = padding ?? kernel / 2
  }

  public func callAsFunction(_ x: Tensor, relu: Bool = false) -> Tensor {
    x.conv2d(weight.value, bias: bias?.value, stride: stride, padding: padding, relu: relu)
  }

  public func state(_ prefix: String) -> [StateEntry] {
    [StateEntry(name: "\(prefix)weight", content: .parameter(weight))]
      + (bias.map { [StateEntry(name: "\(prefix)bias", content: .parameter($0))] } ?? [])
  }
}
