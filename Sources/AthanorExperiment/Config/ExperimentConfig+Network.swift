import AthanorCore
import AthanorData
import AthanorNetworks
import AthanorTasks
import AthanorTraining

extension ExperimentConfig {
  /// The classes of the data set, without reading a sample.
  public func classes() throws -> DataClasses {
    let source = try datasets.make(data, at: "data")
    guard let split = try source.splits().first else {
      throw SettingsError(key: "data", expected: "a data set with a split", received: "none")
    }
    return try source.open(split).classes
  }

  /// The network of this configuration, its parameters without values yet.
  package func networkStructure(_ tasks: [RunTask]) throws -> MultiTaskNetwork {
    try MultiTaskNetwork(network.options) { features in tasks.map { $0.makeHead(on: features) } }
  }

  /// The network of this configuration with its initial weights.
  ///
  /// - `classes`: The classes of the data, for identifying rows of `network.weights`.
  public func makeNetwork(
    _ tasks: [RunTask], _ classes: DataClasses
  ) throws -> MultiTaskNetwork {
    let made = try MultiTaskNetwork(network.options, tasks, seed: seed)
    if let weights = network.weights {
      var file = try TensorFile.read(weights)
      file.tensors = TrainingState.averaged(file.tensors)
      let tensors = try matchedRows(file, tasks, classes, from: weights) {
        monitor.note($0)
      }
      let taken = try made.loadMatching(tensors, from: weights)
      let all = made.parameters().reduce(0) { $0 + $1.parameter.value.count }
      monitor.note(
        "\(weights): \(grouped(taken.parameters)) of the network's \(grouped(all)) parameters "
          + "taken (\(taken.tensors) of \(made.stateDictionary().count) tensors)")
    }
    return made
  }
}
