import AthanorCore

/// Blurs with a Gaussian, the image mirrored about its edge pixels.
public struct GaussianBlurOp: ValueOp {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// Taps per side, odd.
    public var size = 5
    /// Pixels; 0: from the size, as in OpenCV.
    public var sigma = 0.0

    public init() {}
  }

  public static let name = "gaussian_blur"
  public static let summary = "a Gaussian of size × size taps"
  public static let source = "cv::GaussianBlur, BORDER_REFLECT_101"

  private let options: Options

  public init(_ options: Options) throws {
    try Check.odd(options.size, "size", upTo: 999)
    guard (0...1000).contains(options.sigma) else {
      throw SettingsError(
        key: "sigma", expected: "0 to 1000 pixels", received: "\(options.sigma)")
    }
    self.options = options
  }

  /// With the default of each option that is not given.
  public init(size: Int = Options().size, sigma: Double = Options().sigma) throws {
    var options = Options()
    options.size = size
    options.sigma = sigma
    try self.init(options)
  }

  func apply(to image: Image) -> Image { image.blurred(size: options.size, sigma: options.sigma) }
}
