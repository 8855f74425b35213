import AthanorCore

/// Stronger or weaker colours of the same lightness.
public struct SaturationOp: ValueOp {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// −1 (gray) to 1.
    public var amount: Float = 0

    public init() {}
  }

  public static let name = "saturation"
  public static let summary = "stronger (above 0) or weaker colours, lightness kept"
  public static let source = "Preprocessing4Semantic"

  private let options: Options

  public init(_ options: Options) throws {
    guard (-1...1).contains(options.amount) else {
      throw SettingsError(
        key: "amount", expected: "a number from -1 to 1", received: "\(options.amount)")
    }
    self.options = options
  }

  /// With the default of each option that is not given.
  public init(amount: Float = Options().amount) throws {
    var options = Options()
    options.amount = amount
    try self.init(options)
  }

  func apply(to image: Image) throws -> Image {
    try Check.channels(image, [3], Self.name)
    return image.saturated(by: options.amount)
  }
}
