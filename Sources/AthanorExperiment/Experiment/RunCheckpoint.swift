import AthanorCore
import AthanorData
import AthanorNetworks
import AthanorTasks
import AthanorTensor
import AthanorTraining
import Foundation

/// A checkpoint of a run: weights that any safetensors reader loads, with metadata for using them
/// (configuration, classes) or for resuming (optimizer, weighting, progress).
public struct RunCheckpoint {
  public let file: String
  public let config: ExperimentConfig
  public let classes: DataClasses
  public let tensors: [String: Tensor]
  /// The data and settings that it was trained with; nil in a checkpoint of an earlier version.
  public let record: RunRecord?
  /// How many tensors were written; nil in a checkpoint of an earlier version.
  private let count: String?
  /// Nil in a checkpoint that only has weights.
  public let progress: TrainingState.Progress?

  /// Reads a checkpoint. Throws an error that names the file where it is missing or corrupt, or was
  /// not written by `athanor train`.
  public init(_ path: String) throws {
    file = path
    let metadata: [String: String]
    (tensors, metadata) = try TensorFile.read(path)
    func text(_ key: String) throws -> String {
      guard let text = metadata[key] else {
        throw ContentError(
          path: path, key: "'__metadata__.\(key)'", expected: "a checkpoint of athanor train",
          received: "a file without it")
      }
      return text
    }
    count = metadata["tensors"]
    config = try ExperimentConfig(yaml: text("config"), name: path)
    classes = try Self.decode(DataClasses.self, text("classes"), "classes", path)
    progress = try metadata["progress"].map {
      try Self.decode(TrainingState.Progress.self, $0, "progress", path)
    }
    // Both were introduced in the same version.
    record = try (metadata["record"] ?? count.map { _ in try text("record") }).map {
      try Self.decode(RunRecord.self, $0, "record", path)
    }
    if let mismatch = record?.mismatch(progress) {
      throw ContentError(
        path: path, key: "'__metadata__.record'", expected: mismatch.expected,
        received: mismatch.received)
    }
  }

  static func decode<T: Decodable>(
    _ type: T.Type, _ text: String, _ key: String, _ path: String
  ) throws -> T {
    do {
      return try JSONDecoder().decode(type, from: Data(text.utf8))
    } catch {
      let problem = (error as? DecodingError)?.inWords
      throw ContentError(
        path: path, key: "'__metadata__.\(key)'", expected: "the JSON of a \(type)",
        received: "\(text.prefix(80))" + (problem.map { ", \($0)" } ?? ""))
    }
  }

  /// Restores a trainer to the state of the run. Throws `ContentError` where something does not
  /// fit.
  func restore(_ trainer: Trainer, batchesPerEpoch: Int) throws {
    guard let progress else {
      throw ContentError(
        path: file, key: "'__metadata__.progress'", expected: "a checkpoint to resume from",
        received: "one that only holds weights")
    }
    try trainer.restore(tensors, progress, batchesPerEpoch: batchesPerEpoch, from: file)
    // Any part of a weighting's state may legitimately be missing, so restoring does not detect a
    // lost tensor; the count does.
    guard count == nil || count == "\(tensors.count)" else {
      throw ContentError(
        path: file, key: "'__metadata__.tensors'", expected: "\(tensors.count), as the file has",
        received: count!)
    }
  }

  /// The metadata that a run writes into each of its checkpoints beside the tensors.
  struct Description {
    var config: ExperimentConfig
    var classes: DataClasses
    var record: RunRecord
  }

  /// Writes everything that is needed to resume.
  static func write(
    _ state: TrainingState, _ description: Description, to path: String
  ) throws {
    try write(state.tensors, description, ["progress": encode(state.progress)], to: path)
  }

  /// Writes only the network.
  static func writeWeights(
    _ state: TrainingState, _ description: Description, to path: String
  ) throws {
    try write(state.weights, description, [:], to: path)
  }

  private static func write(
    _ tensors: [(name: String, tensor: Tensor)], _ description: Description,
    _ further: [String: String], to path: String
  ) throws {
    let metadata = [
      "format": "pt", "config": try description.config.yaml(),
      "classes": try encode(description.classes), "record": try encode(description.record),
      "tensors": "\(tensors.count)",
    ]
    try TensorFile.write(tensors, metadata: metadata.merging(further) { $1 }, to: path)
  }

  private static func encode(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  /// The tasks of a configuration, or of the run's own where nil, with the checkpoint's classes.
  public func makeTasks(_ other: ExperimentConfig? = nil) throws -> [RunTask] {
    try (other ?? config).makeTasks(classes)
  }

  /// The network as it was saved, or as `config` describes it instead of the run's own
  /// configuration.
  public func makeNetwork(_ other: ExperimentConfig? = nil) throws -> MultiTaskNetwork {
    let (config, tasks) = (other ?? config, try makeTasks(other))
    try config.requireMemory(for: .evaluation, tasks)
    let network = try config.networkStructure(tasks)
    try network.load(TrainingState.averaged(tensors), from: file)
    return network
  }

  public var format: InputFormat { config.input }
}
