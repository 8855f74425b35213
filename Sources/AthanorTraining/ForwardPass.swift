import AthanorBalancing
import AthanorData
import AthanorNetworks
import AthanorTensor

/// One batch sent through the network, and the ways back from its losses.
struct ForwardPass {
  let parts: ParameterParts
  let features: [Tensor]
  let output: MultiTaskNetwork.Output
  let losses: TaskLosses

  init(
    _ network: MultiTaskNetwork, _ parts: ParameterParts, _ objective: Objective, _ batch: Batch,
    epoch: Int, mode: Tensor.BatchNormMode
  ) {
    self.parts = parts
    features = network.features(batch.image, mode)
    output = network.heads(features)
    losses = objective(output, batch, epoch: epoch)
  }

  /// The gradient of Σ weights·losses on every parameter: one way back through everything.
  func gradient(weights: [Double?]) -> [Tensor?] {
    let present = zip(losses.tasks, weights).compactMap { loss, weight in
      loss.flatMap { loss in weight.map { (loss, $0) } }
    }
    guard !present.isEmpty else { return parts.all.map { _ in nil } }
    return gradients(
      of: present.map(\.0),
      seeds: present.map { Tensor(repeating: $0.1, shape: $0.0.shape, $0.0.dtype) },
      for: parts.all.map(\.parameter.value))
  }

  /// Each present task's gradients on the features and on the heads' parameters: through the heads alone.
  func headGradients() -> [(features: [Tensor?], heads: [Tensor?])?] {
    let variables = features + parts.values(parts.heads)
    return losses.tasks.map { loss in
      guard let loss else { return nil }
      let found = gradients(of: loss, for: variables)
      return (Array(found[..<features.count]), Array(found[features.count...]))
    }
  }

  /// From gradients on the features to those on the shared parameters.
  func sharedGradient(_ seeds: [Tensor?]) -> [Tensor?] {
    let reached = features.indices.filter { seeds[$0] != nil }
    guard !reached.isEmpty else { return parts.shared.map { _ in nil } }
    return gradients(
      of: reached.map { features[$0] }, seeds: reached.map { seeds[$0]! },
      for: parts.values(parts.shared))
  }
}
