import AthanorTensor

/// y = xWᵀ + b with weights `[O,I]` and a bias `[O]`; both are initialised as
/// in PyTorch, U(±1/√I); with an initializer for the weights the bias is 0.
public struct Linear: Module {
  public let weight: Parameter
  public let bias: Parameter

  public init(_ input: Int, _ output: Int, initializer: Initializer? = nil) {
    let usual = Initializer.uniform(1 / Double(input).squareRoot())
    weight = Parameter([output, input], initializer ?? usual, decays: true)
    bias = Parameter([output], initializer == nil ? usual : .constant(0), decays: false)
  }

  /// Shapes: `[N,I]` to `[N,O]`, or at every position `[N,H,W,I]` to `[N,H,W,O]`.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    guard x.rank == 4 else { return x.matmul(weight.value, transposeOther: true) + bias.value }
    return x.conv2d(weight.value.reshaped(weight.value.shape + [1, 1]), bias: bias.value)
  }

  public var parts: Parts { [("weight", weight), ("bias", bias)] }
}
