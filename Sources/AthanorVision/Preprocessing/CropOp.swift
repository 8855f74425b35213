import AthanorCore

/// A part of the image; boxes are clipped, and dropped where too little of them is left.
public struct CropOp: PreprocessingOp {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// The upper left corner, pixels.
    public var x = 0
    public var y = 0
    /// Pixels; 0: to the image's edge.
    public var width = 0
    public var height = 0
    /// The share of a box that must be left.
    public var visibility = 0.25

    public init() {}
  }

  public static let name = "crop"
  public static let summary = "a part of the image"
  public static let source = "a region of cv::Mat"

  private let options: Options

  public init(_ options: Options) throws {
    for (key, value) in [
      ("x", options.x), ("y", options.y), ("width", options.width), ("height", options.height),
    ] { try Check.pixels(value, key, from: 0) }
    try Check.probability(options.visibility, "visibility")
    self.options = options
  }

  /// With the default of each option that is not given.
  public init(
    x: Int = Options().x, y: Int = Options().y, width: Int = Options().width,
    height: Int = Options().height, visibility: Double = Options().visibility
  ) throws {
    var options = Options()
    options.x = x
    options.y = y
    options.width = width
    options.height = height
    options.visibility = visibility
    try self.init(options)
  }

  public func apply(to sample: Sample) throws -> Sample {
    let (x, y) = (options.x, options.y)
    let width = options.width > 0 ? options.width : sample.image.width - x
    let height = options.height > 0 ? options.height : sample.image.height - y
    guard width > 0, height > 0, x + width <= sample.image.width, y + height <= sample.image.height
    else {
      throw SettingsError(
        key: "crop", expected: "a part of the \(sample.image.width)×\(sample.image.height) image",
        received: "\(width)×\(height) at (\(x), \(y))")
    }
    return sample.cut(
      to: Window(
        from: (x, y, width, height), to: (0, 0, width, height), canvas: (width, height)),
      visibility: options.visibility, depthFactor: 1)
  }
}

extension BoundingBox {
  func moved(x: Int, y: Int) -> BoundingBox {
    BoundingBox(
      x1: x1 + Float(x), y1: y1 + Float(y), x2: x2 + Float(x), y2: y2 + Float(y), label: label)
  }
}
