import AthanorBalancing
import AthanorData
import AthanorNetworks
import AthanorTensor

/// A network's parameters in those that the tasks share and those of the heads, each head's reached by one
/// task or by the parts of one loss.
struct ParameterParts {
  let all: [(name: String, parameter: Parameter)]
  /// Places in `all`.
  let shared: [Int]
  let heads: [Int]

  init(_ network: MultiTaskNetwork) {
    let all = network.parameters
    self.all = all
    shared = all.indices.filter { MultiTaskNetwork.isShared(all[$0].name) }
    heads = all.indices.filter { !MultiTaskNetwork.isShared(all[$0].name) }
  }

  /// The current values at some places, as leaves of the graph.
  func values(_ places: [Int]) -> [Tensor] { places.map { all[$0].parameter.value } }

  var sharedShapes: [[Int]] { shared.map { all[$0].parameter.value.shape } }

  /// Of `shared`, those of the last layer.
  var lastLayer: Range<Int> {
    guard let last = shared.last else { return 0..<0 }
    let layer = all[last].name.prefix(upTo: all[last].name.lastIndex(of: ".")!)
    let first = shared.firstIndex { all[$0].name.hasPrefix("\(layer).") }!
    return first..<shared.count
  }
}

/// One batch sent through the network, and the ways back from its losses.
struct ForwardPass {
  let parts: ParameterParts
  let features: [Tensor]
  let losses: TaskLosses

  init(
    _ network: MultiTaskNetwork, _ parts: ParameterParts, _ objective: Objective, _ batch: Batch,
    epoch: Int, mode: Tensor.BatchNormMode
  ) {
    self.parts = parts
    features = network.features(batch.image, mode)
    losses = objective(network.heads(features), batch, epoch: epoch)
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

/// Gradients added up over micro-batches, each with a factor.
struct GradientSums {
  private(set) var sums: [Tensor?]

  init(count: Int) { sums = [Tensor?](repeating: nil, count: count) }

  mutating func add(_ gradients: [Tensor?], times factor: Double) {
    for (k, gradient) in gradients.enumerated() {
      guard let gradient else { continue }
      if let sum = sums[k] {
        sums[k] = .combination([1, factor], [sum, gradient])
      } else {
        sums[k] = factor == 1 ? gradient : gradient * factor
      }
    }
  }
}
