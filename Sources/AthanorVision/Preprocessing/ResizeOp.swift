import AthanorCore

/// `cv::resize`; masks always by nearest neighbour.
public struct ResizeOp: PreprocessingOp {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// Pixels; 0: from the other side, with the aspect unchanged.
    public var width = 0
    public var height = 0
    public var interpolation = Interpolation.linear

    public init() {}
  }

  public static let name = "resize"
  public static let summary = "another size; one side may be left out to keep the aspect"
  public static let source = "cv::resize"

  private let options: Options

  public init(_ options: Options) throws {
    for (key, value) in [("width", options.width), ("height", options.height)] {
      try Check.pixels(value, key, from: 0)
    }
    guard options.width + options.height > 0 else {
      throw SettingsError(key: "width", expected: "a width or a height", received: "neither")
    }
    self.options = options
  }

  /// With the default of each option that is not given.
  public init(
    width: Int = Options().width, height: Int = Options().height,
    interpolation: Interpolation = Options().interpolation
  ) throws {
    var options = Options()
    options.width = width
    options.height = height
    options.interpolation = interpolation
    try self.init(options)
  }

  public func apply(to sample: Sample) -> Sample {
    let (width, height) = (sample.image.width, sample.image.height)
    func scaled(_ side: Int, _ to: Int, _ from: Int) -> Int {
      max(1, Int((Double(side) * Double(to) / Double(from)).rounded()))
    }
    let target = (
      options.width > 0 ? options.width : scaled(width, options.height, height),
      options.height > 0 ? options.height : scaled(height, options.width, width)
    )
    return sample.resized(width: target.0, height: target.1, options.interpolation)
  }
}
