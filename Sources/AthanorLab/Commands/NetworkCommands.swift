import AthanorCore
import AthanorData
import AthanorNetworks

extension ExperimentConfig {
  /// The classes of the data set, without reading a sample.
  public func classes() throws -> DataClasses {
    let source = try datasets.make(data, at: "data")
    guard let split = try source.splits().first else {
      throw SettingsError(key: "data", expected: "a data set with a split", received: "none")
    }
    return try source.open(split).classes
  }

  /// The network that this configuration describes, with its first weights.
  public func makeNetwork(_ classes: DataClasses) throws -> MultiTaskNetwork {
    func count(_ task: Task, _ names: [String]) throws -> Int? {
      guard tasks.contains(task) else { return nil }
      // Pixels of background alone teach nothing.
      guard !names.allSatisfy(ClassName.isBackground) else {
        let others = [
          (Task.segmentation, classes.segmentation), (.detection, classes.detection),
        ].filter { $0 != task && !$1.allSatisfy(ClassName.isBackground) }.map(\.0.rawValue)
        throw SettingsError(
          key: "tasks",
          expected: "tasks that the data have labels for "
            + (others.isEmpty
              ? "(these have neither masks nor boxes)" : "(tasks: [\(others.joined())])"),
          received: "\(task), and data '\(data.place)' (\(data.name)) without "
            + (task == .segmentation ? "masks" : "boxes"))
      }
      return names.count
    }
    let made = try MultiTaskNetwork(
      network.options, segmentationClasses: count(.segmentation, classes.segmentation),
      detectionClasses: count(.detection, classes.detection), seed: seed)
    if let weights = network.weights {
      let tensors = try matchedRows(TensorFile.read(weights), to: classes, from: weights) {
        Terminal.error.write($0 + "\n")
      }
      let taken = try made.loadMatching(tensors, from: weights)
      Terminal.error.write(
        "\(weights): \(taken) of the network's \(made.stateDictionary().count) tensors taken\n")
    }
    return made
  }

  /// What `athanor network summary` shows; the batch size of the table is not yet known.
  public func networkReport() throws -> NetworkReport {
    let classes = try classes()
    try requireMemory(for: .evaluation, classes)
    let summary = try NetworkSummary(
      makeNetwork(classes), input: SymbolicShape(h: input.height, w: input.width, c: 3))
    return NetworkReport(
      summary: summary, batchSize: training.batchSize,
      trainingMemory: try likelyMemory(training: training.batchSize, classes))
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
        row.name, row.type, "\(row.output)", grouped(row.parameters),
        row.flops.map(grouped) ?? "None",
      ]
    }
    return table.text + "Parameters: \(grouped(summary.parameters))\n"
      + "FLOPs of a forward pass, one image: \(summary.flops.map(grouped) ?? "None")\n"
      + "Memory of training with batches of \(batchSize): "
      + "about \(MemoryError.text(trainingMemory))\n"
  }

  public var json: JSON {
    [
      "parameters": .integer(summary.parameters),
      "flops": summary.flops.map { .integer($0) } ?? .null,
      "trainingMemory": .integer(trainingMemory),
      "layers": .array(summary.rows.map(json)),
    ]
  }

  private func json(_ row: NetworkSummary.Row) -> JSON {
    [
      "name": .string(row.name), "type": .string(row.type),
      "output": .array(
        [row.output.n, row.output.h, row.output.w, row.output.c].map {
          $0.map { .integer($0) } ?? .null
        }), "parameters": .integer(row.parameters),
      "flops": row.flops.map { .integer($0) } ?? .null,
    ]
  }
}
