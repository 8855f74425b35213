import AthanorCore

/// Class indices from a colour label: the image becomes one channel.
public struct LabelMapOp: ValueOp {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// RGB triples, class 0 first. Empty: Pascal VOC's colour map.
    public var colors: [[Int]] = []
    /// How another colour is handled: an error that names it, or 255.
    public var unknown = UnknownColor.error

    public init() {}
  }

  public static let name = "label_map"
  public static let summary = "class indices from a colour label"
  public static let source = "this project; the handbook's label conversion"

  private let map: ColorMap
  private let unknown: UnknownColor

  public init(_ options: Options) throws {
    let isTriple = { (color: [Int]) in
      color.count == 3 && color.allSatisfy { (0...255).contains($0) }
    }
    guard options.colors.count <= 255, options.colors.allSatisfy(isTriple) else {
      throw SettingsError(
        key: "colors", expected: "at most 255 RGB triples of 0…255",
        received: "\(options.colors.count) entries")
    }
    map =
      options.colors.isEmpty
      ? ColorMap(palette: Colors.voc, count: 256)
      : ColorMap(colors: options.colors.map { $0.map { UInt8($0) } })
    unknown = options.unknown
  }

  /// With the default of each option that is not given.
  public init(
    colors: [[Int]] = Options().colors, unknown: UnknownColor = Options().unknown
  ) throws {
    var options = Options()
    options.colors = colors
    options.unknown = unknown
    try self.init(options)
  }

  func apply(to image: Image) throws -> Image {
    try image.asRGB().labelMapped(map, unknown: unknown)
  }
}
