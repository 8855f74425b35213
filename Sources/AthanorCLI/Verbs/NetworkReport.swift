import AthanorCore
import AthanorExperiment
import AthanorNetworks

extension ExperimentConfig {
  /// The content of `athanor network summary`; the table's batch size is not yet known.
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

/// A network's layers and its memory use.
public struct NetworkReport {
  let summary: NetworkSummary
  let batchSize: Int
  /// The approximate number of bytes that training with batches of `batchSize` takes.
  let trainingMemory: Int

  /// A table in the style of Keras.
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
