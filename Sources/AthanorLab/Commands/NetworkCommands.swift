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

  /// The network that this configuration describes, its parameters without values yet.
  func networkStructure(_ tasks: [RunTask]) throws -> MultiTaskNetwork {
    try MultiTaskNetwork(network.options) { features in tasks.map { $0.makeHead(on: features) } }
  }

  /// The network that this configuration describes, with its first weights.
  ///
  /// - Parameter classes: Of the data, for telling rows of `network.weights` apart.
  public func makeNetwork(
    _ tasks: [RunTask], _ classes: DataClasses
  ) throws -> MultiTaskNetwork {
    let made = try MultiTaskNetwork(network.options, tasks, seed: seed)
    if let weights = network.weights {
      var file = try TensorFile.read(weights)
      file.tensors = TrainingState.averaged(file.tensors)
      let tensors = try matchedRows(file, tasks, classes, from: weights) {
        Terminal.error.write($0 + "\n")
      }
      let taken = try made.loadMatching(tensors, from: weights)
      let all = made.parameters().reduce(0) { $0 + $1.parameter.value.count }
      Terminal.error.write(
        "\(weights): \(grouped(taken.parameters)) of the network's \(grouped(all)) parameters "
          + "taken (\(taken.tensors) of \(made.stateDictionary().count) tensors)\n")
    }
    return made
  }

  /// What `athanor network summary` shows; the batch size of the table is not yet known.
  public func networkReport() throws -> NetworkReport {
    try input.validate(at: "input")
    let tasks = try makeTasks(classes())
    return NetworkReport(
      summary: NetworkSummary(
        try networkStructure(tasks), height: input.height, width: input.width),
      batchSize: training.batchSize,
      trainingMemory: try likelyMemory(training: training.batchSize, tasks))
  }
}

/// A network's layers, and the memory that it takes.
public struct NetworkReport {
  let summary: NetworkSummary
  let batchSize: Int
  /// About as many bytes as training with batches of `batchSize` takes.
  let trainingMemory: Int

  /// A table as Keras prints it.
  public var text: String {
    var table = TextTable(["Layer", "Type", "Output shape", "Param #", "FLOPs"])
    table.rows = summary.rows.map { row in
      [
        row.name, row.type,
        "[\((["None"] + row.output.map(String.init)).joined(separator: ", "))]",
        grouped(row.parameters), grouped(row.flops),
      ]
    }
    return table.text + "Parameters: \(grouped(summary.parameters))\n"
      + "FLOPs of a forward pass, one image: \(grouped(summary.flops))\n"
      + "Memory of training with batches of \(batchSize): "
      + "about \(MemoryError.text(trainingMemory))\n"
  }

  public var json: JSON {
    [
      "parameters": .integer(summary.parameters),
      "flops": .integer(summary.flops),
      "trainingMemory": .integer(trainingMemory),
      "layers": .array(summary.rows.map(json)),
    ]
  }

  private func json(_ row: NetworkSummary.Row) -> JSON {
    [
      "name": .string(row.name), "type": .string(row.type),
      "output": .array([.null] + row.output.map { .integer($0) }),
      "parameters": .integer(row.parameters), "flops": .integer(row.flops),
    ]
  }
}
