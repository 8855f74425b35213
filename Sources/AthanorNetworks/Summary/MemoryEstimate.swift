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

  /// What the backward pass and copies in other layouts add to the activations. Of all backbones,
  /// at widths of 8 to 64, inputs of 128 to 320 pixels and batches of 2 to 8, the least that was
  /// measured was 1.21, the most 1.7.
  private static let activationFactor = 1.2

  /// Bytes that training in single precision takes: weights, their gradients and the optimizer's
  /// values, and what the layers give for a batch.
  public func trainingBytes(batch: Int, optimizerValues: Int) -> Int {
    Self.bytes(
      (2 + optimizerValues) * parameters, Double(batch) * Double(activations),
      Self.activationFactor)
  }

  /// Bytes that evaluating a batch takes.
  public func evaluationBytes(batch: Int) -> Int {
    Self.bytes(parameters, Double(batch) * Double(working), 1)
  }

  private static func bytes(_ kept: Int, _ values: Double, _ factor: Double) -> Int {
    Int(min(4 * (Double(kept) + factor * values), 0x1p61))
  }
}
