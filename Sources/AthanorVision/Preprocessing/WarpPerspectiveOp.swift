import AthanorCore

/// A homography; masks by nearest neighbour, boxes about their moved corners.
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

  public func apply(to sample: Sample) throws -> Sample {
    let transform = PerspectiveTransform(options.transform.matrix)
    return try sample.warped(options.frame, "\(Self.name).value") {
      $0.warped(transform, width: $1.width, height: $1.height, $2, border: $3)
    } point: {
      transform($0, $1)
    }
  }
}
