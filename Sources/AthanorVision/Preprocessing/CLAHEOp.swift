import AthanorCore

/// Contrast-limited adaptive histogram equalisation; an RGB image becomes gray first.
public struct CLAHEOp: ValueOp {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// The limit of a histogram's counts, relative to their mean; 0 for none.
    public var clipLimit = 40.0
    public var tilesX = 8
    public var tilesY = 8

    public init() {}

    private enum CodingKeys: String, CodingKey {
      case clipLimit = "clip_limit"
      case tilesX = "tiles_x"
      case tilesY = "tiles_y"
    }
  }

  public static let name = "clahe"
  public static let summary = "contrast-limited equalisation in tiles (RGB becomes gray first)"
  public static let source = "Zuiderveld 1994; cv::CLAHE"

  private let options: Options

  public init(_ options: Options) throws {
    for (key, tiles) in [("tiles_x", options.tilesX), ("tiles_y", options.tilesY)] {
      guard (1...256).contains(tiles) else {
        throw SettingsError(key: key, expected: "1 to 256 tiles", received: "\(tiles)")
      }
    }
    guard (0...1e6).contains(options.clipLimit) else {
      throw SettingsError(
        key: "clip_limit", expected: "0 to 1e6", received: "\(options.clipLimit)")
    }
    self.options = options
  }

  /// With the default of each option that is not given.
  public init(
    clipLimit: Double = Options().clipLimit, tilesX: Int = Options().tilesX,
    tilesY: Int = Options().tilesY
  ) throws {
    var options = Options()
    options.clipLimit = clipLimit
    options.tilesX = tilesX
    options.tilesY = tilesY
    try self.init(options)
  }

  func apply(to image: Image) -> Image {
    image.grayed().locallyEqualized(
      clipLimit: options.clipLimit, tiles: (options.tilesX, options.tilesY))
  }
}
