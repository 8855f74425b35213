import AthanorCore
import AthanorNetworks
import AthanorTasks
import AthanorTraining

/// A configuration that needs more memory than is available.
public struct MemoryError: Error, Equatable, CustomStringConvertible {
  /// The use of the memory: `training with batches of 8 images of 4096×4096`.
  public var purpose: String
  public var needed: Int
  /// Whether less memory is certainly not enough.
  public var isCertain = true
  public var available: Int
  /// What limits the available memory.
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
  /// The use of a network: training with this many samples per batch, or evaluation on an image.
  public enum Use: Equatable, Sendable { case training(samples: Int), evaluation }

  /// A lower bound on the memory that the configuration needs, in bytes.
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

  /// An estimate of the memory that training needs: the lower bound plus buffers, copies, the
  /// backward pass and the program itself. In measurements with ResNets of 10 to 50 layers, inputs
  /// of 128 to 640 pixels and batches of 1 to 8, the real use was .8 to 1.2 times the estimate.
  public func likelyMemory(training samples: Int, _ tasks: [RunTask]) throws -> Int {
    let least = Double(try leastMemory(for: .training(samples: samples), tasks))
    return Int(min(1.25 * least, 0x1p61)) + (100 << 20)
  }

  /// Throws `MemoryError` where less memory is available than the configuration certainly needs.
  public func requireMemory(
    for use: Use, _ tasks: [RunTask], of memory: AvailableMemory? = .now
  ) throws {
    let needed = try leastMemory(for: use, tasks)
    guard let memory, needed > memory.bytes else { return }
    var purpose = "a network for an image"
    if case .training(let samples) = use { purpose = words(forTraining: samples) }
    throw error(purpose, takes: needed, of: memory)
  }

  /// The warning before training that is likely to need more memory than is available.
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
