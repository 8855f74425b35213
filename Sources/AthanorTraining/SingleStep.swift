import AthanorBalancing
import AthanorCore
import AthanorData
import AthanorNetworks
import AthanorTasks
import AthanorTensor

/// One forward and backward pass without an update, for comparing the network with another
/// framework's.
///
/// Batch norm runs in training mode, its running statistics unchanged; the gradient is that
/// of Σ wᵢLᵢ, with no clipping and no weight decay.
public struct SingleStep {
  /// Every parameter's gradient under its name, zeros where no loss reaches it.
  public var gradients: [(name: String, tensor: Tensor)]
  /// The heads' raw outputs: `out.NAME`, or `out.PART` for each part of a head's output; the task's
  /// name comes before the part where the task is not called as its type.
  public var outputs: [(name: String, tensor: Tensor)]
  /// Each loss by name, the terms and the sums that they make, and `total`; a task without a label
  /// has loss 0.
  public var losses: [(name: String, value: Double)]

  /// Throws `SettingsError` where the weighting cannot serve the tasks.
  public init(
    _ network: MultiTaskNetwork, _ objective: Objective, weighting: any Weighting, batch: Batch
  ) throws {
    let tasks = objective.balanced
    try weighting.begin(tasks)
    guard case .losses(let method) = weighting.rule else {
      throw SettingsError(
        key: "weighting", expected: "a method that weighs losses, for one step",
        received: "one that merges gradients")
    }
    let parts = ParameterParts(network)
    let pass = ForwardPass(
      network, parts, objective, batch, epoch: 0, mode: .batchStatistics)
    let weights = method.weights(pass.values)
    gradients = zip(parts.all, pass.gradient(weights: weights)).map {
      ($0.name, $1 ?? $0.parameter.value.zerosLike())
    }
    outputs = zip(objective.tasks, pass.outputs).flatMap { task, output in
      output.tensors.map { part, tensor in
        let name =
          part.isEmpty ? task.name : task.isCalledAsType ? part : task.named.qualified(part)
        return ("out.\(name)", tensor)
      }
    }
    losses = zip(tasks, pass.values).map { ($0.name, $1 ?? 0) }
    let terms = pass.losses.terms.map { ($0.name, $0.value.scalar) }
    losses += terms.filter { term in !tasks.contains { $0.name == term.0 } }
    for task in objective.tasks where !task.lossNames.contains(task.name) {
      let own = terms.filter { $0.0.hasPrefix("\(task.name).") }
      losses.append((task.name, own.reduce(0) { $0 + $1.1 }))
    }
    let total = zip(pass.values, weights).reduce(0) { $0 + ($1.0 ?? 0) * ($1.1 ?? 0) }
    losses.append(("total", total))
  }
}
