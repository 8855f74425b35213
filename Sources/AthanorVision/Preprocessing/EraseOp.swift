import AthanorCore

/// A rectangle of one value; its mask pixels are ignored, boxes that it covers are dropped.
public struct EraseOp: PreprocessingOp {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// The upper left corner, pixels; what lies outside the image is left out.
    public var x = 0
    public var y = 0
    public var width = 32
    public var height = 32
    /// 0…255: one number, or one per channel.
    public var value = [0]
    /// The share of a box that must stay uncovered.
    public var visibility = 0.25

    public init() {}
  }

  public static let name = "erase"
  public static let summary = "a rectangle of one value; its mask pixels become 255"
  public static let source = "Zhong et al. 2020 (random erasing); cv::Mat::setTo"

  private let options: Options

  public init(_ options: Options) throws {
    for (key, value) in [
      ("x", options.x), ("y", options.y), ("width", options.width), ("height", options.height),
    ] { try Check.pixels(value, key, from: 0) }
    try Check.bytes(options.value, "value")
    try Check.probability(options.visibility, "visibility")
    self.options = options
  }

  /// With the default of each option that is not given.
  public init(
    x: Int = Options().x, y: Int = Options().y, width: Int = Options().width,
    height: Int = Options().height, value: [Int] = Options().value,
    visibility: Double = Options().visibility
  ) throws {
    var options = Options()
    options.x = x
    options.y = y
    options.width = width
    options.height = height
    options.value = value
    options.visibility = visibility
    try self.init(options)
  }

  public func apply(to sample: Sample) throws -> Sample {
    let value = try Check.bytes(options.value, for: sample.image.channels, "erase.value")
    return sample.erased(
      options.x..<(options.x + options.width), options.y..<(options.y + options.height),
      value: value, visibility: options.visibility)
  }
}
