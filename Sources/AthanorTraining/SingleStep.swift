import AthanorBalancing
import AthanorCore
import AthanorData
import AthanorNetworks
import AthanorTensor

/// One forward and backward pass without an update, for holding the network against another
/// framework's.
///
/// Batch norm runs in training mode and leaves its running statistics alone; the gradient is that of
/// Σ wᵢLᵢ, with no clipping and no weight decay.
public struct SingleStep {
  /// Every parameter's gradient under its name, zeros where no loss reaches it.
  public var gradients: [(name: String, tensor: Tensor)]
  /// `out.segmentation` and `out.p{3,4,5}.{cls,ctr,box}`, raw.
  public var outputs: [(name: String, tensor: Tensor)]
  /// Each loss by name, and `total`; a task without a label has loss 0.
  public var losses: [(name: String, value: Double)]

  /// Throws `SettingsError` where the weighting cannot serve the tasks.
  public init(
    _ network: MultiTaskNetwork, _ objective: Objective, weighting: any Weighting, batch: Batch
  ) throws {
    let tasks = objective.tasks
    try weighting.begin(tasks)
    guard case .losses(let method) = weighting.rule else {
      throw SettingsError(
        key: "weighting", expected: "a method that weighs losses, for one step",
        received: "one that merges gradients")
    }
    let pass = ForwardPass(
      network, ParameterParts(network), objective, batch, epoch: 0, mode: .batchStatistics)
    let losses = pass.losses
    let values = losses.tasks.map { $0?.scalar }
    let weights = method.weights(values)
    gradients = zip(network.parameters, pass.gradient(weights: weights)).map {
      ($0.name, $1 ?? $0.parameter.value.zerosLike())
    }
    let output = pass.output
    outputs = output.segmentation.map { [("out.segmentation", $0)] } ?? []
    for (i, level) in (output.detection ?? []).enumerated() {
      outputs.append(("out.p\(i + 3).cls", level.classification))
      outputs.append(("out.p\(i + 3).ctr", level.centerness))
      outputs.append(("out.p\(i + 3).box", level.regression))
    }
    self.losses = zip(tasks, values).map { ($0.name, $1 ?? 0) }
    let terms = losses.terms.map { ($0.name, $0.value.scalar) }
    self.losses += terms.filter { term in !tasks.contains { $0.name == term.0 } }
    if objective.splitsDetection {
      self.losses.append(("detection", terms.reduce(0) { $0 + $1.1 }))
    }
    let total = zip(values, weights).reduce(0) { $0 + ($1.0 ?? 0) * ($1.1 ?? 0) }
    self.losses.append(("total", total))
  }
}
