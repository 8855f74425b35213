import AthanorCore

/// The median of the window about each pixel, channel by channel.
public struct MedianBlurOp: ValueOp {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// Pixels a side of the window, odd.
    public var size = 5

    public init() {}
  }

  public static let name = "median_blur"
  public static let summary = "the median of size × size pixels"
  public static let source = "cv::medianBlur"

  private let options: Options

  public init(_ options: Options) throws {
    guard options.size % 2 == 1, (1...255).contains(options.size) else {
      throw SettingsError(
        key: "size", expected: "an odd number from 1 to 255", received: "\(options.size)")
    }
    self.options = options
  }

  func apply(to image: Image) -> Image { image.medianBlurred(size: options.size) }
}
