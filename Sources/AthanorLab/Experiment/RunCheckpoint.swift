import AthanorCore
import AthanorData
import AthanorNetworks
import AthanorTensor
import AthanorTraining
import Foundation

/// A checkpoint of a run: weights that any safetensors reader loads, and beside them what is needed
/// to use them (configuration, classes) or to go on (optimizer, weighting, progress).
public struct RunCheckpoint {
  public let file: String
  public let config: ExperimentConfig
  public let classes: DataClasses
  public let tensors: [String: Tensor]
  /// Nil in a checkpoint that only holds weights.
  public let progress: TrainingState.Progress?

  /// Reads a checkpoint. Throws an error that names the file where it is missing or corrupt, or was
  /// not written by `athanor train`.
  public init(_ path: String) throws {
    file = path
    let metadata: [String: String]
    (tensors, metadata) = try TensorFile.read(path)
    func text(_ key: String) throws -> String {
      guard let text = metadata[key] else {
        throw CheckpointError(
          file: path, entry: "__metadata__.\(key)", expected: "a checkpoint of athanor train",
          received: "a file without it")
      }
      return text
    }
    config = try ExperimentConfig(yaml: text("config"), name: path)
    classes = try Self.decode(DataClasses.self, text("classes"), "classes", path)
    progress = try metadata["progress"].map {
      try Self.decode(TrainingState.Progress.self, $0, "progress", path)
    }
  }

  static func decode<T: Decodable>(
    _ type: T.Type, _ text: String, _ key: String, _ path: String
  ) throws -> T {
    do {
      return try JSONDecoder().decode(type, from: Data(text.utf8))
    } catch {
      throw CheckpointError(
        file: path, entry: "__metadata__.\(key)", expected: "the JSON of a \(type)",
        received: "\(text.prefix(80))")
    }
  }

  /// Writes everything, to go on from.
  public static func write(
    _ state: TrainingState, _ config: ExperimentConfig, _ classes: DataClasses, to path: String
  ) throws {
    var metadata = try metadata(config, classes)
    metadata["progress"] = try encode(state.progress)
    try TensorFile.write(state.tensors, metadata: metadata, to: path)
  }

  /// Writes the network alone.
  public static func writeWeights(
    _ state: TrainingState, _ config: ExperimentConfig, _ classes: DataClasses, to path: String
  ) throws {
    let weights = state.tensors.filter {
      !$0.name.hasPrefix("optimizer.") && !$0.name.hasPrefix("weighting.")
    }
    try TensorFile.write(weights, metadata: metadata(config, classes), to: path)
  }

  private static func metadata(
    _ config: ExperimentConfig, _ classes: DataClasses
  ) throws -> [String: String] {
    ["format": "pt", "config": try config.yaml(), "classes": try encode(classes)]
  }

  private static func encode(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  /// The network as it was saved, or as `config` has it in place of the run's own configuration.
  public func makeNetwork(_ other: ExperimentConfig? = nil) throws -> MultiTaskNetwork {
    var config = other ?? config
    config.network.weights = nil
    let network = try config.makeNetwork(classes)
    try network.load(tensors, from: file)
    return network
  }

  public var format: InputFormat { config.input.format }
}
