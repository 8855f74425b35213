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

  /// The table of layers that `athanor network summary` shows; the batch size is not yet known.
  public func networkSummary() throws -> NetworkSummary {
    try NetworkSummary(
      makeNetwork(classes()), input: SymbolicShape(h: input.height, w: input.width, c: 3))
  }
}

extension NetworkSummary {
  /// A table as Keras prints it.
  public var text: String {
    var table = TextTable(["Layer", "Type", "Output shape", "Param #", "FLOPs"])
    table.rows = rows.map { row in
      [
        row.name, row.type, "\(row.output)", grouped(row.parameters),
        row.flops.map(grouped) ?? "None",
      ]
    }
    return table.text + "Parameters: \(grouped(parameters))\n"
      + "FLOPs of a forward pass, one image: \(flops.map(grouped) ?? "None")\n"
  }

  public var json: JSON {
    [
      "parameters": .integer(parameters), "flops": flops.map { .integer($0) } ?? .null,
      "layers": .array(
        rows.map { row in
          [
            "name": .string(row.name), "type": .string(row.type),
            "output": .array(
              [row.output.n, row.output.h, row.output.w, row.output.c].map {
                $0.map { .integer($0) } ?? .null
              }), "parameters": .integer(row.parameters),
            "flops": row.flops.map { .integer($0) } ?? .null,
          ]
        }),
    ]
  }
}
