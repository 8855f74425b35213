import AthanorCore

/// Contrast-limited adaptive histogram equalisation; an RGB image becomes gray first.
public struct CLAHEOp: ValueOp {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// How many times the mean count a histogram's bin may hold; 0 for no limit.
    public var clip_limit = 40.0
    public var tiles_x = 8
    public var tiles_y = 8

    public init() {}
  }

  public static let name = "clahe"
  public static let summary = "contrast-limited equalisation in tiles (RGB becomes gray first)"
  public static let source = "Zuiderveld 1994; cv::CLAHE"

  private let options: Options

  public init(_ options: Options) throws {
    for (key, tiles) in [("tiles_x", options.tiles_x), ("tiles_y", options.tiles_y)] {
      guard (1...256).contains(tiles) else {
        throw SettingsError(key: key, expected: "1 to 256 tiles", received: "\(tiles)")
      }
    }
    guard (0...1e6).contains(options.clip_limit) else {
      throw SettingsError(
        key: "clip_limit", expected: "0 to 1e6", received: "\(options.clip_limit)")
    }
    self.options = options
  }

  func apply(to image: Image) -> Image {
    image.grayed().locallyEqualized(
      clipLimit: options.clip_limit, tiles: (options.tiles_x, options.tiles_y))
  }
}
