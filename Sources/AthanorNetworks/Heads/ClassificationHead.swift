import AthanorTensor

/// The mean of the coarsest features over H and W, then one linear layer.
public struct ClassificationHead: Head {
  let fc: Linear

  public init(on features: [FeatureLevel], classes: Int) {
    fc = Linear(features.last!.channels, classes)
  }

  /// Logits `[N,classes]`.
  public func callAsFunction(_ features: [Tensor], _ mode: ForwardMode) -> Tensor {
    fc(features.last!.mean(axes: [1, 2]))
  }

  public var parts: Parts { [("fc", fc)] }
}
