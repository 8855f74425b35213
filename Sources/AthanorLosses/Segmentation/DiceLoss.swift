import AthanorCore

/// Soft Dice: one minus the F1 score of probabilities, averaged over the classes.
///
/// Per class 1 − (2I+s)/max(Σp+Σg+s, ε), 0 where the class is absent from the target; mean over all
/// C. Sums run over the whole batch. `squared` takes Σp²+Σg² for the denominator. A single channel
/// has one class, the foreground.
///
/// Source: Milletari et al. 2016 (V-Net), whose denominator is `squared`.
public struct DiceLoss: RegionLoss {
  public enum Denominator: String, Codable, Sendable, CaseIterable { case sum, squared }

  public struct Options: Codable, Sendable, DefaultInitializable {
    /// s: added to numerator and denominator.
    public var smooth = 0.0
    /// ε: the smallest denominator.
    public var epsilon = 1e-7
    public var denominator = Denominator.sum

    public init() {}
  }

  public static let name = "dice"
  public static let summary = "1 - soft F1 score, mean over the classes"
  public static let source = "Milletari et al. 2016"

  private let options: Options

  public init(_ options: Options) throws {
    try requireRegion(Self.name, smooth: options.smooth, epsilon: options.epsilon)
    self.options = options
  }

  /// With the default of each option that is not given.
  public init(
    smooth: Double = Options().smooth, epsilon: Double = Options().epsilon,
    denominator: Denominator = Options().denominator
  ) throws {
    var options = Options()
    options.smooth = smooth
    options.epsilon = epsilon
    options.denominator = denominator
    try self.init(options)
  }

  var squares: Bool { options.denominator == .squared }

  func value(of regions: [Region]) -> (loss: Double, derivatives: [Region.Derivatives]) {
    regions.mean { region in
      let top = 2 * region.intersection + options.smooth
      let whole = region.predicted + region.truth + options.smooth
      let bottom = max(whole, options.epsilon)
      return (
        1 - top / bottom,
        .init(
          intersection: -2 / bottom,
          predicted: whole >= options.epsilon ? top / (bottom * bottom) : 0)
      )
    }
  }
}
