import AthanorBalancing
import AthanorData
import AthanorNetworks
import AthanorTensor

/// The forward pass of one batch, and the backward passes from its losses.
struct ForwardPass {
  let parts: ParameterParts
  let features: [Tensor]
  let outputs: [any HeadOutput]
  let losses: BatchLosses
  /// The value of each balanced loss.
  let values: [Double?]

  init(
    _ network: MultiTaskNetwork, _ parts: ParameterParts, _ objective: Objective, _ batch: Batch,
    epoch: Int, mode: ForwardMode
  ) {
    self.parts = parts
    // Features of a frozen trunk are leaves: backward passes end there.
    features = network.features(batch.image, mode).map { $0.isTracked ? $0 : $0.variable() }
    outputs = network.outputs(features, mode)
    losses = objective(outputs, batch, epoch: epoch)
    values = losses.values.map { $0?.scalar }
  }

  /// The gradient of Σ weights·losses on every parameter: one backward pass through everything.
  func gradient(weights: [Double?]) -> [Tensor?] {
    let present = zip(losses.values, weights).compactMap { loss, weight in
      loss.flatMap { loss in weight.map { (loss, $0) } }
    }
    guard !present.isEmpty else { return parts.all.map { _ in nil } }
    return gradients(
      of: present.map(\.0),
      seeds: present.map { Tensor(repeating: $0.1, shape: $0.0.shape, $0.0.dtype) },
      for: parts.all.map(\.parameter.value))
  }

  /// The gradients of a present loss on the features and on the heads' parameters.
  typealias HeadGradient = (features: [Tensor?], heads: [Tensor?])

  /// These gradients for each loss, nil for one that is absent: backward passes through the heads
  /// alone.
  func headGradients() -> [HeadGradient?] {
    let variables = features + parts.headValues
    return losses.values.map { loss in
      guard let loss else { return nil }
      let found = gradients(of: loss, for: variables)
      return (Array(found[..<features.count]), Array(found[features.count...]))
    }
  }

  /// The gradients of each loss on the features, nil for one that is absent.
  func featureGradients() -> [[Tensor?]?] {
    losses.values.map { loss in loss.map { gradients(of: $0, for: features) } }
  }

  /// The gradients on the shared parameters, from those on the features.
  func sharedGradient(_ seeds: [Tensor?]) -> [Tensor?] {
    let reached = features.indices.filter { seeds[$0] != nil }
    guard !reached.isEmpty else { return parts.shared.map { _ in nil } }
    return gradients(
      of: reached.map { features[$0] }, seeds: reached.map { seeds[$0]! },
      for: parts.sharedValues)
  }
}
