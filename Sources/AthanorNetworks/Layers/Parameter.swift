import AthanorTensor

/// A trained tensor: a leaf of the graph that an optimizer replaces the values of.
///
/// Until it is initialised it has a shape and no values.
public final class Parameter: Part, @unchecked Sendable {
  public private(set) var value: Tensor
  /// Whether weight decay applies: to convolution weights, not to biases, norms and scales.
  public let decays: Bool
  /// What the learning rate is multiplied by.
  public var learningRateFactor = 1.0
  private let initializer: Initializer

  public init(_ shape: [Int], _ initializer: Initializer, decays: Bool) {
    value = Tensor(shapeOnly: shape)
    self.initializer = initializer
    self.decays = decays
  }

  /// Whether it keeps its values: no gradient is taken for it.
  public var isFrozen = false {
    didSet { value = isFrozen ? value.detached() : value.variable() }
  }

  /// Takes new values of the same shape.
  public func assign(_ value: Tensor) {
    precondition(
      value.shape == self.value.shape && value.dtype == self.value.dtype,
      "Parameter: \(value) assigned to \(self.value)")
    self.value = isFrozen ? value.detached() : value.variable()
  }

  /// Changes the values in place. Whoever held the value before keeps it as it was.
  public func update(_ body: (UnsafeMutableBufferPointer<Float>) -> Void) {
    var values = value.detached()
    // Let go of here, so that nobody else may hold the elements.
    value = Tensor(shapeOnly: values.shape)
    values.withMutableElements(body)
    value = isFrozen ? values : values.variable()
  }

  func initialize(seed: Int, name: String) {
    assign(initializer.values(value.shape, seed: seed, name: name))
  }
}
