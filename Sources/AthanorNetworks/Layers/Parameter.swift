import AthanorTensor

/// A trained tensor: a leaf of the graph that an optimizer replaces the values of.
///
/// Until it is initialised it has a shape and no values.
public final class Parameter: Part, @unchecked Sendable {
  public private(set) var value: Tensor
  /// Whether weight decay applies: to convolution weights, not to biases, norms and scales.
  public let decays: Bool
  private let initializer: Initializer

  public init(_ shape: [Int], _ initializer: Initializer, decays: Bool) {
    value = Tensor(shapeOnly: shape)
    self.initializer = initializer
    self.decays = decays
  }

  /// Takes new values of the same shape.
  public func assign(_ value: Tensor) {
    precondition(
      value.shape == self.value.shape && value.dtype == self.value.dtype,
      "Parameter: \(value) assigned to \(self.value)")
    self.value = value.variable()
  }

  func initialize(seed: Int, name: String) {
    assign(initializer.values(value.shape, seed: seed, name: name))
  }
}
