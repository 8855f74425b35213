import AthanorBalancing
import AthanorCore
import AthanorData
import AthanorNetworks
import AthanorTasks
import AthanorTensor
import AthanorTraining
import AthanorVision

/// The implementation of `athanor step`: one forward and backward pass, for checking against other
/// frameworks.
public enum Stepping {
  /// Loads weights and batch, writes every gradient and raw output, and returns each loss.
  public static func run(
    config path: String, checkpoint: String, batch: String, to out: String
  ) throws -> JSON {
    var outputs = OutputFiles(inputs: [path, checkpoint, batch])
    guard (try? RunCheckpoint(out)) == nil else {
      throw ContentError(
        path: out, expected: "another file to write to", received: "a checkpoint")
    }
    try outputs.claim(out, .safeTensors)
    let config = try ExperimentConfig(contentsOf: path).resolved()
    let (tensors, _) = try TensorFile.read(checkpoint)
    let tasks = try config.makeTasks(classes(of: tensors, config.namedTasks()))
    let network = try config.networkStructure(tasks)
    try network.load(tensors, from: checkpoint)
    let step = try SingleStep(
      network, Objective(tasks), weighting: weightings.make(config.weighting, at: "weighting"),
      batch: Batch(contentsOf: batch, for: tasks))
    try TensorFile.write(step.gradients + step.outputs, to: out)
    return .object(step.losses.map { JSON.Member($0.name, .number($0.value)) })
  }

  /// Numbered classes, as many as the checkpoint's heads have: no data set is needed.
  private static func classes(
    of tensors: [String: Tensor], _ tasks: [NamedTask]
  ) -> DataClasses {
    let labels = tasks.map { task in
      let count =
        task.classLayer.flatMap { tensors["\($0).weight"]?.shape.first } ?? 0
      return (
        task.label, LabelClasses(task.labelKind, (0..<count).map { "class \($0)" })
      )
    }
    return DataClasses(labels: Dictionary(labels, uniquingKeysWith: { first, _ in first }))
  }
}
