import AthanorTensor

/// A trained tensor: a leaf of the graph that an optimizer replaces the values of.
public final class Parameter: @unchecked Sendable {
  public private(set) var value: Tensor
  /// Whether weight decay applies: to convolution weights, not to biases, norms and scales.
  public let decays: Bool

  public init(_ value: Tensor, decays: Bool) {
    self.value = value.variable()
    self.decays = decays
  }

  /// Takes new values of the same shape.
  public func assign(_ value: Tensor) {
    precondition(
      value.shape == self.value.shape && value.dtype == self.value.dtype,
      "Parameter: \(value) assigned to \(self.value)")
    self.value = value.variable()
  }
}

/// One entry of a network's state under its full name, PyTorch's for the same network.
public struct StateEntry: Sendable {
  public enum Content: Sendable {
    case parameter(Parameter)
    /// Saved as `running_mean`, `running_var` and `num_batches_tracked`.
    case runningStatistics(RunningStatistics)
  }
  public let name: String
  public let content: Content
}

/// A part of a network that owns parameters.
public protocol Module: Sendable {
  /// Everything that is saved, in a fixed order, names beginning with `prefix`.
  func state(_ prefix: String) -> [StateEntry]
}
