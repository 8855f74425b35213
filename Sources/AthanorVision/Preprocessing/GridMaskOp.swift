import AthanorCore

/// Sets a grid's squares to one value; labels under them are unchanged, or ignored.
public struct GridMaskOp: PreprocessingOp {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// Pixels from one stripe to the next.
    public var period = 96
    /// The width of a stripe, pixels.
    public var stripe = 48
    /// The start of a stripe, pixels.
    public var x = 0
    public var y = 0
    /// The rotation of the grid, degrees.
    public var angle = 0
    /// 0…255: one number, or one per channel.
    public var value = [0]
    /// Whether mask pixels under the squares become 255.
    public var ignore = false

    public init() {}
  }

  public static let name = "grid_mask"
  public static let summary = "the squares between a grid's stripes in one value"
  public static let source = "Chen et al. 2020"

  private let options: Options

  public init(_ options: Options) throws {
    try Check.pixels(options.period, "period")
    guard (0...options.period).contains(options.stripe) else {
      throw SettingsError(
        key: "stripe", expected: "0 to period, \(options.period)", received: "\(options.stripe)")
    }
    try Check.pixels(options.x, "x", from: 0)
    try Check.pixels(options.y, "y", from: 0)
    guard (0...359).contains(options.angle) else {
      throw SettingsError(
        key: "angle", expected: "0 to 359 degrees", received: "\(options.angle)")
    }
    try Check.bytes(options.value, "value")
    self.options = options
  }

  /// With the default of each option that is not given.
  public init(
    period: Int = Options().period, stripe: Int = Options().stripe, x: Int = Options().x,
    y: Int = Options().y, angle: Int = Options().angle, value: [Int] = Options().value,
    ignore: Bool = Options().ignore
  ) throws {
    var options = Options()
    options.period = period
    options.stripe = stripe
    options.x = x
    options.y = y
    options.angle = angle
    options.value = value
    options.ignore = ignore
    try self.init(options)
  }

  public func apply(to sample: Sample) throws -> Sample {
    let value = try Check.bytes(options.value, for: sample.image.channels, "grid_mask.value")
    let grid = MaskGrid(
      period: options.period, stripe: options.stripe, x: options.x, y: options.y,
      degrees: options.angle)
    var sample = sample
    sample.image.withMutablePixels { gridMask($0, grid, value: value) }
    if options.ignore { sample.mask?.withMutablePixels { gridMask($0, grid, value: [255]) } }
    return sample
  }
}
