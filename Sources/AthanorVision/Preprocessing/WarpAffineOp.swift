import AthanorCore

/// A rotation about the image's centre, a scale and a shift, or any affine matrix; masks by nearest
/// neighbour, boxes around their transformed corners.
public struct WarpAffineOp: PreprocessingOp {
  public struct Turn: Codable, Sendable, DefaultInitializable {
    /// Degrees, counter-clockwise, about the centre.
    public var angle = 0.0
    public var scale = 1.0
    /// Pixels to the right and down, after the rotation.
    public var shift = [0.0, 0.0]
    /// OpenCV's 2×3 matrix row by row, from source to destination, instead of the options above.
    public var matrix: [Double] = []

    public init() {}
  }

  public typealias Options = WarpOptions<Turn>

  public static let name = "warp_affine"
  public static let summary = "turned, scaled and shifted, or by a 2×3 matrix"
  public static let source = "cv::warpAffine"

  private let options: Options

  public init(_ options: Options) throws {
    let turn = options.transform
    try Check.matrix(turn.matrix, of: [0, 6], "matrix")
    try Check.matrix(turn.shift, of: [2], "shift")
    for (key, value) in [("angle", turn.angle), ("scale", turn.scale)] where !value.isFinite {
      throw SettingsError(key: key, expected: "a finite number", received: "\(value)")
    }
    try options.frame.check()
    self.options = options
  }

  /// With the default of each option that is not given.
  public init(
    angle: Double = Options().transform.angle, scale: Double = Options().transform.scale,
    shift: [Double] = Options().transform.shift, matrix: [Double] = Options().transform.matrix,
    width: Int = Options().frame.width, height: Int = Options().frame.height,
    interpolation: WarpInterpolation = Options().frame.interpolation,
    border: WarpBorder = Options().frame.border, value: [Int] = Options().frame.value,
    visibility: Double = Options().frame.visibility
  ) throws {
    var options = Options()
    options.transform.angle = angle
    options.transform.scale = scale
    options.transform.shift = shift
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
    let (turn, m) = (options.transform, options.transform.matrix)
    var transform: AffineTransform
    if m.isEmpty {
      transform = AffineTransform(
        rotation: turn.angle, scale: turn.scale, aboutX: Double(sample.image.width - 1) / 2,
        y: Double(sample.image.height - 1) / 2)
      transform.c += turn.shift[0]
      transform.f += turn.shift[1]
    } else {
      transform = AffineTransform(m[0], m[1], m[2], m[3], m[4], m[5])
    }
    return try sample.warped(options.frame, "\(Self.name).value") {
      $0.warped(transform, width: $1.width, height: $1.height, $2, border: $3)
    } point: {
      transform($0, $1)
    }
  }
}
