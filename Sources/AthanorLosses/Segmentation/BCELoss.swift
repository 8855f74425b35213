import AthanorCore

/// Binary cross entropy of every class at every pixel: −g ln σ(x)·pos_weight − (1−g) ln(1−σ(x)).
///
/// Mean over valid pixels and channels; one channel is the foreground's, more are one-hot.
/// Source: PyTorch's `binary_cross_entropy_with_logits`.
public struct BCELoss: PixelSigmoidLoss {
  public typealias Options = BinaryCrossEntropyLoss.Options

  public static let name = "bce"
  public static let summary = "sigmoid cross entropy of every class at every pixel"
  public static let source = "PyTorch's binary_cross_entropy_with_logits"

  let pointLoss: BinaryCrossEntropyLoss

  public init(_ options: Options) throws {
    pointLoss = try BinaryCrossEntropyLoss(options)
  }

  /// With the default of each option that is not given.
  public init(posWeight: Double = Options().posWeight) throws {
    pointLoss = try BinaryCrossEntropyLoss(posWeight: posWeight)
  }
}
