import AthanorCore

/// Sigmoid focal loss of every class at every pixel, mean over valid pixels and channels.
///
/// −α_t(1−p_t)^γ ln p_t, p = σ(x); one channel is the foreground's, more are one-hot.
/// Source: Lin et al. 2017; torchvision's `sigmoid_focal_loss`.
public struct PixelSigmoidFocalLoss: PixelSigmoidLoss {
  public typealias Options = SigmoidFocalLoss.Options

  public static let name = "sigmoid_focal"
  public static let summary = "sigmoid focal loss of every class at every pixel"
  public static let source = "Lin et al. 2017; torchvision"

  let pointLoss: SigmoidFocalLoss

  public init(_ options: Options) throws { pointLoss = try SigmoidFocalLoss(options) }

  /// With the default of each option that is not given.
  public init(alpha: Double = Options().alpha, gamma: Double = Options().gamma) throws {
    pointLoss = try SigmoidFocalLoss(alpha: alpha, gamma: gamma)
  }
}
