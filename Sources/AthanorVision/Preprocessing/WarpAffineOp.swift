import AthanorCore

/// A turn about the image's centre, a scale and a shift, or any affine matrix; masks by nearest
/// neighbour, boxes about their turned corners.
public struct WarpAffineOp: PreprocessingOp {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// Degrees, counter-clockwise, about the centre.
    public var angle = 0.0
    public var scale = 1.0
    /// Pixels to the right and down, after the turn.
    public var shift = [0.0, 0.0]
    /// OpenCV's 2×3 matrix row by row, from source to destination, instead of the three above.
    public var matrix: [Double] = []
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

  public static let name = "warp_affine"
  public static let summary = "turned, scaled and shifted, or by a 2×3 matrix"
  public static let source = "cv::warpAffine"

  private let options: Options

  public init(_ options: Options) throws {
    try Check.matrix(options.matrix, of: [0, 6], "matrix")
    try Check.matrix(options.shift, of: [2], "shift")
    for (key, value) in [("angle", options.angle), ("scale", options.scale)]
    where !value.isFinite {
      throw SettingsError(key: key, expected: "a finite number", received: "\(value)")
    }
    try Check.pixels(options.width, "width", from: 0)
    try Check.pixels(options.height, "height", from: 0)
    try Check.bytes(options.value, "value")
    try Check.probability(options.visibility, "visibility")
    self.options = options
  }

  public func apply(to sample: Sample) throws -> Sample {
    let (width, height) = (sample.image.width, sample.image.height)
    let m = options.matrix
    var transform: AffineTransform
    if m.isEmpty {
      transform = AffineTransform(
        rotation: options.angle, scale: options.scale, aboutX: Double(width - 1) / 2,
        y: Double(height - 1) / 2)
      transform.c += options.shift[0]
      transform.f += options.shift[1]
    } else {
      transform = AffineTransform(m[0], m[1], m[2], m[3], m[4], m[5])
    }
    let size = (
      options.width > 0 ? options.width : width, options.height > 0 ? options.height : height
    )
    let value = try Check.bytes(options.value, for: sample.image.channels, "warp_affine.value")
    return sample.warped(
      border: options.border, value: value, visibility: options.visibility
    ) { image, border, isMask in
      image.warped(
        transform, width: size.0, height: size.1, isMask ? .nearest : options.interpolation,
        border: border)
    } point: {
      transform($0, $1)
    }
  }
}
