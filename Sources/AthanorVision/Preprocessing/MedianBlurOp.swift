import AthanorCore

/// The median of the window about each pixel, channel by channel.
public struct MedianBlurOp: ValueOp {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// The side of the window in pixels, odd.
    public var size = 5

    public init() {}
  }

  public static let name = "median_blur"
  public static let summary = "the median of size × size pixels"
  public static let source = "cv::medianBlur"

  private let options: Options

  public init(_ options: Options) throws {
    try Check.odd(options.size, "size", upTo: 255)
    self.options = options
  }

  /// With the default of each option that is not given.
  public init(size: Int = Options().size) throws {
    var options = Options()
    options.size = size
    try self.init(options)
  }

  func apply(to image: Image) -> Image { image.medianBlurred(size: options.size) }
}
