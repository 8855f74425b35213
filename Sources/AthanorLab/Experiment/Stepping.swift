import AthanorBalancing
import AthanorCore
import AthanorData
import AthanorNetworks
import AthanorTensor
import AthanorTraining

/// What `athanor step` does: one forward and backward pass, for checking against other frameworks.
public enum Stepping {
  /// Loads weights and batch, writes every gradient and raw output, returns each loss.
  public static func run(
    config path: String, checkpoint: String, batch: String, to out: String
  ) throws -> JSON {
    var outputs = OutputFiles(inputs: [path, checkpoint, batch])
    guard (try? RunCheckpoint(out)) == nil else {
      throw RunFolderError(
        path: out, expected: "another file to write to", received: "a checkpoint")
    }
    try outputs.claim(out, .safeTensors)
    let config = try ExperimentConfig(contentsOf: path).resolved()
    let (tensors, _) = try TensorFile.read(checkpoint)
    let classes = classes(of: tensors, config)
    let network = try config.makeNetwork(classes)
    try network.load(tensors, from: checkpoint)
    let step = try SingleStep(
      network, config.makeObjective(for: classes),
      weighting: weightings.make(config.weighting, at: "weighting"),
      batch: Batch(contentsOf: batch, for: network))
    try TensorFile.write(step.gradients + step.outputs, to: out)
    return .object(step.losses.map { JSON.Member($0.name, .number($0.value)) })
  }

  /// As many classes as the checkpoint's heads have: no data set is needed.
  private static func classes(
    of tensors: [String: Tensor], _ config: ExperimentConfig
  ) -> DataClasses {
    func names(_ entry: String) -> [String] {
      (0..<(tensors[entry]?.shape.first ?? 0)).map { "class \($0)" }
    }
    return DataClasses(
      segmentation: names("segmentation.predictor.weight"),
      detection: names("detection.classification_head.cls_logits.weight"))
  }
}
