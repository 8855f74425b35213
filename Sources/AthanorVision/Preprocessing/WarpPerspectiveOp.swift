import AthanorCore

/// A homography; masks by nearest neighbour, boxes around their transformed corners.
public struct WarpPerspectiveOp: PreprocessingOp {
  public struct Homography: Codable, Sendable, DefaultInitializable {
    /// OpenCV's 3×3 matrix row by row, from source to destination.
    public var matrix = [1.0, 0, 0, 0, 1, 0, 0, 0, 1]

    public init() {}
  }

  public typealias Options = WarpOptions<Homography>

  public static let name = "warp_perspective"
  public static let summary = "by a 3×3 matrix"
  public static let source = "cv::warpPerspective"

  private let options: Options

  public init(_ options: Options) throws {
    try Check.matrix(options.transform.matrix, of: [9], "matrix")
    try options.frame.check()
    self.options = options
  }

  /// With the default of each option that is not given.
  public init(
    matrix: [Double] = Options().transform.matrix,
    width: Int = Options().frame.width, height: Int = Options().frame.height,
    interpolation: WarpInterpolation = Options().frame.interpolation,
    border: WarpBorder = Options().frame.border, value: [Int] = Options().frame.value,
    visibility: Double = Options().frame.visibility
  ) throws {
    var options = Options()
    options.transform.matrix = matrix
    options.frame.width = width
    options.frame.height = height
    options.frame.interpolation = interpolation
    options.frame.border = border
    options.frame.value = value
    options.frame.visibility = visibility
    try self.init(options)
  }

  public func apply(to sample: Sample) throws -> Sample {
    let transform = PerspectiveTransform(options.transform.matrix)
    return try sample.warped(options.frame, "\(Self.name).value") {
      $0.warped(transform, width: $1.width, height: $1.height, $2, border: $3)
    } point: {
      transform($0, $1)
    }
  }
}
