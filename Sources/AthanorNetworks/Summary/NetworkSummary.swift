import AthanorTensor

/// A Keras-like table of a network: layers, output shapes, parameters and FLOPs, from one forward
/// pass over a shape. No weights are needed.
public struct NetworkSummary: Sendable {
  public struct Row: Sendable {
    /// The layer's name, or that of an operation without parameters.
    public let name: String
    public let type: String
    /// The shape for one image, mostly `[H,W,C]`; the batch size is not known.
    public let output: [Int]
    /// Parameters of a layer that is used several times are counted once.
    public let parameters: Int
    /// Operations for one image, a multiply–add counted as two.
    public let flops: Int
  }

  public let rows: [Row]

  public var parameters: Int { rows.reduce(0) { $0 + $1.parameters } }

  /// Operations of one forward pass for one image.
  public var flops: Int { rows.reduce(0) { $0 + $1.flops } }

  /// - `height`, `width`: The size of the input, multiples of 32.
  public init(_ network: MultiTaskNetwork, height: Int, width: Int) {
    let trace = network.trace(height: height, width: width)
    let parameters = network.parameters()
    var names = Dictionary(
      parameters.map { ($0.parameter.value.storageIdentifier, $0) },
      uniquingKeysWith: { first, _ in first })
    let layers = names.mapValues { Self.layer($0.name) }
    var rows: [Row] = []
    for record in trace.records {
      guard let operation = record.operation else { continue }
      let new = record.parameters.compactMap { names.removeValue(forKey: $0) }
      rows.append(
        Row(
          name: record.parameters.lazy.compactMap { layers[$0] }.first ?? operation.lowercased(),
          type: operation, output: Array(record.shape.dropFirst()),
          parameters: new.reduce(0) { $0 + $1.parameter.value.count }, flops: record.flops))
    }
    // Parameters that no operation of a forward pass reads, such as a factor that the loss applies.
    for (name, parameter) in parameters
    where names[parameter.value.storageIdentifier] != nil {
      rows.append(
        Row(
          name: name, type: "Parameter", output: parameter.value.shape,
          parameters: parameter.value.count, flops: 0))
    }
    self.rows = rows
  }

  private static func layer(_ name: String) -> String {
    name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
  }
}

extension MultiTaskNetwork {
  /// The operations of a forward pass over one image.
  func trace(height: Int, width: Int) -> OpTrace {
    OpTrace {
      let image = Tensor(shapeOnly: [1, height, width, 3])
      _ = Tape.paused { self(image, .evaluation) }
    }
  }
}
