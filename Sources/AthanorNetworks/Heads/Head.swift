import AthanorTensor

/// A head's raw output for a batch.
public protocol HeadOutput: Sendable {
  /// Its tensors by name, in a fixed order; a single one has the empty name.
  var tensors: [(name: String, tensor: Tensor)] { get }
}

extension Tensor: HeadOutput {
  public var tensors: [(name: String, tensor: Tensor)] { [("", self)] }
}

/// The part of a network that belongs to one task: from the shared features to its raw output.
public protocol Head<Output>: Module {
  associatedtype Output: HeadOutput

  /// - `features`: P2…P5, with the shapes of the `FeatureLevel`s that the head was
  ///   built for.
  func callAsFunction(_ features: [Tensor], _ mode: ForwardMode) -> Output
}
