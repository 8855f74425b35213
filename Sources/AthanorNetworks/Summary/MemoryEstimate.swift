import AthanorTensor

/// The least memory that a network takes, from its structure alone: known before any weight exists.
///
/// It stays below what was measured, so that what fits is not said not to.
public struct MemoryEstimate: Sendable {
  /// Trained values.
  public let parameters: Int
  /// Values of one image that a backward pass needs: what every operation gives.
  public let activations: Int
  /// Values of one image that are there at once when nothing is kept for a backward pass.
  public let working: Int

  /// - Parameters:
  ///   - height, width: of the input, multiples of 32.
  public init(_ network: MultiTaskNetwork, height: Int, width: Int) {
    let trace = network.trace(height: height, width: width)
    let input = height * width * 3
    parameters = network.parameters().reduce(0) { $0 + $1.parameter.value.count }
    activations = trace.records.reduce(input) { $0 + $1.count }
    working = input + trace.peakBytes / DType.float32.byteCount
  }

  /// What the backward pass and copies in other layouts add to the activations, and scratchpads and
  /// blocks that wait to be used again to what an image needs at once. For ResNets of 10 to 50
  /// layers and widths of 8 to 64 the least that was measured was 1.45, in training with inputs of
  /// 128 to 640 pixels, and 2.8, in predicting with inputs of 1024 and 2048.
  private static let (activationFactor, workingFactor) = (1.2, 1.2)

  /// Bytes that training in single precision takes: weights, their gradients and the optimizer's
  /// values, and what the layers give for a batch.
  public func trainingBytes(batch: Int, optimizerValues: Int) -> Int {
    Self.bytes(
      (2 + optimizerValues) * parameters, Double(batch) * Double(activations),
      Self.activationFactor)
  }

  /// Bytes that evaluating a batch takes.
  public func evaluationBytes(batch: Int) -> Int {
    Self.bytes(parameters, Double(batch) * Double(working), Self.workingFactor)
  }

  private static func bytes(_ kept: Int, _ values: Double, _ factor: Double) -> Int {
    Int(min(4 * (Double(kept) + factor * values), 0x1p61))
  }
}
