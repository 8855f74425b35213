import AthanorTensor

/// A trained tensor: a leaf of the graph whose values an optimizer updates.
///
/// Before initialisation it has a shape and no values.
public final class Parameter: Part, @unchecked Sendable {
  public private(set) var value: Tensor
  /// Whether weight decay applies: to convolution weights, not to biases, norms and scales.
  public let decays: Bool
  /// The factor of the learning rate.
  public var learningRateFactor = 1.0
  private let initializer: Initializer

  public init(_ shape: [Int], _ initializer: Initializer, decays: Bool) {
    value = Tensor(shapeOnly: shape)
    self.initializer = initializer
    self.decays = decays
  }

  /// Whether its values are constant: no gradient is computed for it.
  public var isFrozen = false {
    didSet { value = isFrozen ? value.detached() : value.variable() }
  }

  /// Replaces the values by others of the same shape.
  public func assign(_ value: Tensor) {
    precondition(
      value.shape == self.value.shape && value.dtype == self.value.dtype,
      "Parameter: \(value) assigned to \(self.value)")
    self.value = isFrozen ? value.detached() : value.variable()
  }

  /// Changes the values in place. Earlier copies of the value are unchanged.
  public func update(_ body: (UnsafeMutableBufferPointer<Float>) -> Void) {
    var values = value.detached()
    // Released here, so that the elements are not shared and need no copy.
    value = Tensor(shapeOnly: values.shape)
    values.withMutableElements(body)
    value = isFrozen ? values : values.variable()
  }

  func initialize(seed: Int, name: String) {
    assign(initializer.values(value.shape, seed: seed, name: name))
  }
}
