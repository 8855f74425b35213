import AthanorCore

/// saturate(α·v + β): contrast and brightness.
public struct ConvertScaleOp: ValueOp {
  public struct Options: Codable, Sendable, DefaultInitializable {
    public var alpha = 1.0
    /// In steps of 0…255.
    public var beta = 0.0

    public init() {}
  }

  public static let name = "convert_scale"
  public static let summary = "alpha times each value plus beta, held within 0…255"
  public static let source = "cv::Mat::convertTo(CV_8U, alpha, beta)"

  private let options: Options

  public init(_ options: Options) throws {
    for (key, value) in [("alpha", options.alpha), ("beta", options.beta)]
    where !value.isFinite {
      throw SettingsError(key: key, expected: "a finite number", received: "\(value)")
    }
    self.options = options
  }

  /// With the default of each option that is not given.
  public init(alpha: Double = Options().alpha, beta: Double = Options().beta) throws {
    var options = Options()
    options.alpha = alpha
    options.beta = beta
    try self.init(options)
  }

  func apply(to image: Image) -> Image {
    image.scaled(alpha: options.alpha, beta: options.beta)
  }
}
