import AthanorCore

/// 255·(v/255)^gamma, rounded.
public struct GammaOp: ValueOp {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// Above 1 darkens, below 1 brightens.
    public var gamma = 1.0

    public init() {}
  }

  public static let name = "gamma"
  public static let summary = "255 (v/255)^gamma: above 1 darkens, below brightens"
  public static let source = "cv::LUT"

  private let options: Options

  public init(_ options: Options) throws {
    guard options.gamma > 0, options.gamma <= 100 else {
      throw SettingsError(
        key: "gamma", expected: "a number above 0, at most 100", received: "\(options.gamma)")
    }
    self.options = options
  }

  /// With the default of each option that is not given.
  public init(gamma: Double = Options().gamma) throws {
    var options = Options()
    options.gamma = gamma
    try self.init(options)
  }

  func apply(to image: Image) -> Image { image.gammaCorrected(exponent: options.gamma) }
}
