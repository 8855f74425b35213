import AthanorCore

/// Pixels of one value around the image; masks are 255 there.
public struct BorderOp: PreprocessingOp {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// Pixels on each side.
    public var top = 0
    public var bottom = 0
    public var left = 0
    public var right = 0
    /// 0…255: one number, or one per channel.
    public var value = [0]

    public init() {}
  }

  public static let name = "border"
  public static let summary = "pixels of one value around the image"
  public static let source = "cv::copyMakeBorder, BORDER_CONSTANT"

  private let options: Options

  public init(_ options: Options) throws {
    for (key, value) in [
      ("top", options.top), ("bottom", options.bottom), ("left", options.left),
      ("right", options.right),
    ] { try Check.pixels(value, key, from: 0) }
    try Check.bytes(options.value, "value")
    self.options = options
  }

  /// With the default of each option that is not given.
  public init(
    top: Int = Options().top, bottom: Int = Options().bottom, left: Int = Options().left,
    right: Int = Options().right, value: [Int] = Options().value
  ) throws {
    var options = Options()
    options.top = top
    options.bottom = bottom
    options.left = left
    options.right = right
    options.value = value
    try self.init(options)
  }

  public func apply(to sample: Sample) throws -> Sample {
    let margins = Margins(
      top: options.top, bottom: options.bottom, left: options.left, right: options.right)
    let value = try Check.bytes(options.value, for: sample.image.channels, "border.value")
    var sample = sample
    sample.image = sample.image.bordered(margins, value: value)
    sample.mask = sample.mask?.bordered(margins, value: [255])
    sample.boxes = sample.boxes?.map { $0.moved(x: options.left, y: options.top) }
    return sample
  }
}
