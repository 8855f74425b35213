import AthanorTensor

/// A lower bound of the memory that a network takes, from its structure alone: known before any
/// weight exists.
///
/// It is below every measurement, so that nothing is refused that would fit.
public struct MemoryEstimate: Sendable {
  /// Trained values.
  public let parameters: Int
  /// Values per image that a backward pass needs: the result of every operation.
  public let activations: Int
  /// Values per image in memory at once when nothing is saved for a backward pass.
  public let working: Int

  /// - `height`, `width`: The size of the input, multiples of 32.
  public init(_ network: MultiTaskNetwork, height: Int, width: Int) {
    let trace = network.trace(height: height, width: width)
    let input = height * width * 3
    parameters = network.parameters().reduce(0) { $0 + $1.parameter.value.count }
    activations = trace.records.reduce(input) { $0 + $1.count }
    working = input + trace.peakBytes / DType.float32.byteCount
  }

  /// The memory of activations, the backward pass and copies in other layouts together, divided by
  /// that of the activations. Over all backbones, widths of 8 to 64, inputs of 128 to 320 pixels
  /// and batches of 2 to 8, the smallest measured was 1.21, the largest 1.7.
  private static let activationFactor = 1.2

  /// Bytes that training in single precision takes: weights, their gradients, the optimizer's state
  /// and the activations of a batch.
  public func trainingBytes(batch: Int, optimizerValues: Int) -> Int {
    Self.bytes(
      (2 + optimizerValues) * parameters, Double(batch) * Double(activations),
      Self.activationFactor)
  }

  /// Bytes that evaluating a batch takes.
  public func evaluationBytes(batch: Int) -> Int {
    Self.bytes(parameters, Double(batch) * Double(working), 1)
  }

  private static func bytes(_ constant: Int, _ values: Double, _ factor: Double) -> Int {
    Int(min(4 * (Double(constant) + factor * values), 0x1p61))
  }
}
