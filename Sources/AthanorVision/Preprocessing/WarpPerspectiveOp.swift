import AthanorCore

/// A homography; masks by nearest neighbour, boxes about their moved corners.
public struct WarpPerspectiveOp: PreprocessingOp {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// OpenCV's 3×3 matrix row by row, from source to destination.
    public var matrix = [1.0, 0, 0, 0, 1, 0, 0, 0, 1]
    /// Pixels of the result; 0: as the image.
    public var width = 0
    public var height = 0
    public var interpolation = WarpInterpolation.linear
    public var border = WarpBorder.constant
    /// Of a constant border, 0…255: one number, or one a channel.
    public var value = [0]
    /// The share of a box that must stay in the picture.
    public var visibility = 0.25

    public init() {}
  }

  public static let name = "warp_perspective"
  public static let summary = "by a 3×3 matrix"
  public static let source = "cv::warpPerspective"

  private let options: Options

  public init(_ options: Options) throws {
    try Check.matrix(options.matrix, of: [9], "matrix")
    try Check.pixels(options.width, "width", from: 0)
    try Check.pixels(options.height, "height", from: 0)
    try Check.bytes(options.value, "value")
    try Check.probability(options.visibility, "visibility")
    self.options = options
  }

  public func apply(to sample: Sample) throws -> Sample {
    let transform = PerspectiveTransform(options.matrix)
    let width = options.width > 0 ? options.width : sample.image.width
    let height = options.height > 0 ? options.height : sample.image.height
    let value = try Check.bytes(
      options.value, for: sample.image.channels, "warp_perspective.value")
    return sample.warped(
      border: options.border, value: value, visibility: options.visibility
    ) { image, border, isMask in
      image.warped(
        transform, width: width, height: height, isMask ? .nearest : options.interpolation,
        border: border)
    } point: {
      transform($0, $1)
    }
  }
}
