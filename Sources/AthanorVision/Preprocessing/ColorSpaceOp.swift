import AthanorCore

/// RGB to another colour space, or back.
public struct ColorSpaceOp: ValueOp {
  public struct Options: Codable, Sendable, DefaultInitializable {
    public var space = ColorSpace.hsv
    /// From `space` to RGB.
    public var inverse = false

    public init() {}
  }

  public static let name = "cvt"
  public static let summary = "RGB to hsv, hls, ycrcb or lab, or back with inverse"
  public static let source = "cv::cvtColor"

  private let options: Options

  public init(_ options: Options) { self.options = options }

  /// With the default of each option that is not given.
  public init(space: ColorSpace = Options().space, inverse: Bool = Options().inverse) {
    var options = Options()
    options.space = space
    options.inverse = inverse
    self.init(options)
  }

  func apply(to image: Image) throws -> Image {
    try Check.channels(image, [3], Self.name)
    return options.inverse
      ? image.converted(from: options.space) : image.converted(to: options.space)
  }
}
