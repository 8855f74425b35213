import AthanorCore

/// Mirrors top and bottom, with the given probability.
public struct VerticalFlip: Augmentation {
  public struct Options: Codable, Sendable, DefaultInitializable {
    public var probability = 0.5

    public init() {}
  }

  public static let name = "vertical_flip"
  public static let summary = "top and bottom change places"
  public static let source = "common practice"

  private let options: Options

  public init(_ options: Options) throws {
    try Check.probability(options.probability, "probability")
    self.options = options
  }

  /// With the default of each option that is not given.
  public init(probability: Double = Options().probability) throws {
    var options = Options()
    options.probability = probability
    try self.init(options)
  }

  public func apply(to sample: Sample, epoch: Int, using generator: inout Generator) -> Sample {
    generator.chance(options.probability) ? sample.flipped(.vertical) : sample
  }
}
