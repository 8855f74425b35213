import AthanorCore

/// The options of a warp, in one map: those of its transform, then those that all warps have.
public struct WarpOptions<Transform: Codable & Sendable & DefaultInitializable>:
  Codable, Sendable, DefaultInitializable
{
  public var transform = Transform()
  public var frame = WarpFrame()

  public init() {}

  public init(from decoder: any Decoder) throws {
    transform = try Transform(from: decoder)
    frame = try WarpFrame(from: decoder)
  }

  public func encode(to encoder: any Encoder) throws {
    try transform.encode(to: encoder)
    try frame.encode(to: encoder)
  }
}

/// The options of every warp, apart from its transform.
public struct WarpFrame: Codable, Sendable, DefaultInitializable {
  /// Pixels of the result; 0: as the image.
  public var width = 0
  public var height = 0
  public var interpolation = WarpInterpolation.linear
  public var border = WarpBorder.constant
  /// The value of a constant border, 0…255: one number, or one per channel.
  public var value = [0]
  /// The share of a box that must be left.
  public var visibility = 0.25

  public init() {}

  /// Throws `SettingsError` for an option out of range.
  func check() throws {
    try Check.pixels(width, "width", from: 0)
    try Check.pixels(height, "height", from: 0)
    try Check.bytes(value, "value")
    try Check.probability(visibility, "visibility")
  }
}

/// A warp's border by name.
public enum WarpBorder: String, CaseIterable, Codable, Sendable {
  case constant, reflect
  case reflect101 = "reflect_101"

  /// - Parameter value: The value of a constant border, per channel.
  func mode(_ value: [UInt8]) -> BorderMode {
    switch self {
    case .constant: .constant(value)
    case .reflect: .reflect
    case .reflect101: .reflect101
    }
  }
}

extension Sample {
  /// The sample with its image warped by `image`, its mask by nearest neighbour (255 outside a
  /// constant border) and the boxes around the corners transformed by `point`.
  ///
  /// Throws `SettingsError` at `key` for a border value that does not fit the image's channels.
  func warped(
    _ frame: WarpFrame, _ key: String,
    _ image: (Image, (width: Int, height: Int), WarpInterpolation, BorderMode) -> Image,
    point: (Double, Double) -> (x: Double, y: Double)
  ) throws -> Sample {
    let value = try Check.bytes(frame.value, for: self.image.channels, key)
    let size = (
      width: frame.width > 0 ? frame.width : self.image.width,
      height: frame.height > 0 ? frame.height : self.image.height
    )
    var sample = self
    sample.image = image(self.image, size, frame.interpolation, frame.border.mode(value))
    sample.mask = mask.map { image($0, size, .nearest, frame.border.mode([255])) }
    sample.boxes = boxes?.map { box in
      let corners = [(box.x1, box.y1), (box.x2, box.y1), (box.x1, box.y2), (box.x2, box.y2)].map {
        // Positions of warps count from the middle of the first pixel, those of boxes from
        // its edge.
        let moved = point(Double($0.0) - 0.5, Double($0.1) - 0.5)
        return (x: Float(moved.x + 0.5), y: Float(moved.y + 0.5))
      }
      let (x, y) = (corners.map(\.x), corners.map(\.y))
      return BoundingBox(
        x1: x.min()!, y1: y.min()!, x2: x.max()!, y2: y.max()!, label: box.label)
    }.clipped(
      width: sample.image.width, height: sample.image.height, visibility: frame.visibility)
    return sample
  }
}
