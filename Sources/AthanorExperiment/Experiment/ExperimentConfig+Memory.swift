import AthanorCore
import AthanorNetworks
import AthanorTasks
import AthanorTraining

/// A configuration that needs more memory than there is.
public struct MemoryError: Error, Equatable, CustomStringConvertible {
  /// What it is needed for: `training with batches of 8 images of 4096×4096`.
  public var purpose: String
  public var needed: Int
  /// Whether less is certainly not enough.
  public var isCertain = true
  public var available: Int
  /// What bounds it.
  public var bound: String

  package init(
    purpose: String, needed: Int, isCertain: Bool = true, available: Int, bound: String
  ) {
    (self.purpose, self.needed, self.isCertain) = (purpose, needed, isCertain)
    (self.available, self.bound) = (available, bound)
  }

  public var description: String {
    "memory: \(purpose) takes \(isCertain ? "at least" : "about") \(Self.text(needed)), "
      + "expected at most "
      + "\(Self.text(available)) (\(bound)); a smaller input, batch or network takes less"
  }

  /// A number of bytes in words.
  package static func text(_ bytes: Int) -> String {
    bytes < 1 << 30
      ? "\(bytes >> 20) MiB" : "\(fixed(Double(bytes) / 0x1p30, 1)) GiB"
  }
}

extension ExperimentConfig {
  /// What is done with a network: trained on so many samples, or used for an image.
  public enum Use: Equatable, Sendable { case training(samples: Int), evaluation }

  /// The least memory that the configuration takes, in bytes.
  public func leastMemory(for use: Use, _ tasks: [RunTask]) throws -> Int {
    try input.validate(at: "input")
    let estimate = MemoryEstimate(
      try networkStructure(tasks), height: input.height, width: input.width)
    switch use {
    case .evaluation: return estimate.evaluationBytes(batch: 1)
    case .training(let samples):
      let rule = type(of: try optimizers.make(optimizer, at: "optimizer"))
      return estimate.trainingBytes(
        batch: min(training.batchSize, samples), optimizerValues: rule.valuesPerParameter)
    }
  }

  /// About as much as training took where it was measured: the least, what buffers, copies and the
  /// backward pass add, and the program itself. ResNets of 10 to 50 layers, inputs of 128 to 640
  /// pixels, batches of 1 to 8 took .8 to 1.2 of it.
  public func likelyMemory(training samples: Int, _ tasks: [RunTask]) throws -> Int {
    let least = Double(try leastMemory(for: .training(samples: samples), tasks))
    return Int(min(1.25 * least, 0x1p61)) + (100 << 20)
  }

  /// Throws `MemoryError` where there is not as much memory as the configuration certainly takes.
  public func requireMemory(
    for use: Use, _ tasks: [RunTask], of memory: AvailableMemory? = .now
  ) throws {
    let needed = try leastMemory(for: use, tasks)
    guard let memory, needed > memory.bytes else { return }
    var purpose = "a network for an image"
    if case .training(let samples) = use { purpose = words(forTraining: samples) }
    throw error(purpose, takes: needed, of: memory)
  }

  /// What to warn of before training that is likely to take more memory than there is.
  public func memoryWarning(
    training samples: Int, _ tasks: [RunTask], of memory: AvailableMemory? = .now
  ) throws -> MemoryError? {
    let likely = try likelyMemory(training: samples, tasks)
    guard let memory, likely > memory.bytes else { return nil }
    var warning = error(words(forTraining: samples), takes: likely, of: memory)
    warning.isCertain = false
    return warning
  }

  private func words(forTraining samples: Int) -> String {
    "training with batches of \(min(training.batchSize, samples)) images"
  }

  private func error(
    _ purpose: String, takes bytes: Int, of memory: AvailableMemory
  ) -> MemoryError {
    MemoryError(
      purpose: "\(purpose) of \(input.width)×\(input.height), "
        + "\(network.backbone.name) of width \(network.width),",
      needed: bytes, available: memory.bytes, bound: memory.bound)
  }
}
