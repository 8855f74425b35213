import AthanorTensor

/// A method that merges the tasks' gradients on the shared features; the shared part is then
/// differentiated once.
public protocol FeatureWeighting: Weighting {
  /// The merged gradient on each feature `[N,…]`, which the backward pass of the shared part starts
  /// from. `gradients[i][k]` is that of present task i on feature k, nil where the task does not
  /// use it.
  func merge(_ gradients: [[Tensor?]], features: [Tensor]) -> [Tensor?]
}

extension FeatureWeighting {
  public var rule: WeightingRule { .features(self) }
}
