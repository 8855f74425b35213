import AthanorCore
import AthanorData
import AthanorNetworks
import AthanorTraining

/// A configuration that needs more memory than there is.
public struct MemoryError: Error, Equatable, CustomStringConvertible {
  /// What it is needed for: `training with batches of 8 images of 4096×4096`.
  public var purpose: String
  public var needed: Int
  public var available: Int
  /// What bounds it.
  public var bound: String

  public var description: String {
    "memory: \(purpose) takes at least \(Self.text(needed)), expected at most "
      + "\(Self.text(available)) (\(bound)); a smaller input, batch or network takes less"
  }

  private static func text(_ bytes: Int) -> String {
    bytes < 1 << 30
      ? "\(bytes >> 20) MiB" : "\(fixed(Double(bytes) / 0x1p30, 1)) GiB"
  }
}

extension ExperimentConfig {
  /// What is done with a network: trained on so many samples, or used for an image.
  public enum Use: Equatable, Sendable { case training(samples: Int), evaluation }

  /// The least memory that the configuration takes, in bytes.
  public func leastMemory(for use: Use, _ classes: DataClasses) throws -> Int {
    try input.format.validate(at: "input")
    let estimate = try MemoryEstimate(
      network.options, height: input.height, width: input.width,
      segmentationClasses: tasks.contains(.segmentation) ? classes.segmentation.count : nil,
      detectionClasses: tasks.contains(.detection) ? classes.detection.count : nil)
    switch use {
    case .evaluation: return estimate.evaluationBytes(batch: 1)
    case .training(let samples):
      let rule = type(of: try optimizers.make(optimizer, at: "optimizer"))
      return estimate.trainingBytes(
        batch: min(training.batchSize, samples), optimizerValues: rule.valuesPerParameter)
    }
  }

  /// Throws `MemoryError` where there is not as much memory as the configuration certainly takes.
  public func requireMemory(
    for use: Use, _ classes: DataClasses, of memory: AvailableMemory? = .now
  ) throws {
    let needed = try leastMemory(for: use, classes)
    guard let memory, needed > memory.bytes else { return }
    var purpose = "a network for an image"
    if case .training(let samples) = use {
      purpose = "training with batches of \(min(training.batchSize, samples)) images"
    }
    throw MemoryError(
      purpose: "\(purpose) of \(input.width)×\(input.height), "
        + "\(network.backbone) of width \(network.width),",
      needed: needed, available: memory.bytes, bound: memory.bound)
  }
}
