import AthanorTensor

/// y = xWᵀ + b with weights `[O,I]` and a bias `[O]`, which both begin as PyTorch's: U(±1/√I).
public struct Linear: Module {
  public let weight: Parameter
  public let bias: Parameter

  public init(_ input: Int, _ output: Int) {
    let bound = 1 / Double(input).squareRoot()
    weight = Parameter([output, input], .uniform(bound), decays: true)
    bias = Parameter([output], .uniform(bound), decays: false)
  }

  /// Shapes: `[N,I]` to `[N,O]`.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    x.matmul(weight.value, transposeOther: true) + bias.value
  }

  public var parts: Parts { [("weight", weight), ("bias", bias)] }
}
