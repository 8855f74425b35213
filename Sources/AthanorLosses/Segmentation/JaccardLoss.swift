import AthanorCore

/// Soft Jaccard: one minus the IoU of probabilities, averaged over the classes.
///
/// Per class 1 − (I+s)/max(Σp+Σg−I+s, ε), 0 where the class is absent from the target; mean over
/// all C.
public struct JaccardLoss: RegionLoss {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// s: added to numerator and denominator.
    public var smooth = 0.0
    /// ε: the smallest denominator.
    public var epsilon = 1e-7

    public init() {}
  }

  public static let name = "jaccard"
  public static let summary = "1 - soft IoU, mean over the classes"
  public static let source = "Rahman & Wang 2016"

  private let options: Options

  public init(_ options: Options) throws {
    try requireRegion(Self.name, smooth: options.smooth, epsilon: options.epsilon)
    self.options = options
  }

  /// With the default of each option that is not given.
  public init(smooth: Double = Options().smooth, epsilon: Double = Options().epsilon) throws {
    var options = Options()
    options.smooth = smooth
    options.epsilon = epsilon
    try self.init(options)
  }

  func value(of regions: [Region]) -> (loss: Double, derivatives: [Region.Derivatives]) {
    regions.mean { region in
      let top = region.intersection + options.smooth
      let whole = region.predicted + region.truth - region.intersection + options.smooth
      let bottom = max(whole, options.epsilon)
      let change = whole >= options.epsilon ? top / (bottom * bottom) : 0
      return (1 - top / bottom, .init(intersection: -1 / bottom - change, predicted: change))
    }
  }
}

/// Checks the options that region losses have in common.
func requireRegion(_ name: String, smooth: Double, epsilon: Double) throws {
  try require(smooth >= 0 && smooth.isFinite, "\(name).smooth", "a number from 0", smooth)
  try require(epsilon > 0 && epsilon.isFinite, "\(name).epsilon", "a positive number", epsilon)
}
