import AthanorCore

/// Blurs with a Gaussian of a random odd size, 3 to `size`.
public struct RandomBlur: Augmentation {
  public struct Options: Codable, Sendable, DefaultInitializable {
    public var probability = 0.2
    /// The largest number of taps along each axis.
    public var size = 5

    public init() {}
  }

  public static let name = "blur"
  public static let summary = "Gaussian blur of a random size"
  public static let source = "common practice"

  private let options: Options

  public init(_ options: Options) throws {
    try Check.probability(options.probability, "probability")
    guard (3...63).contains(options.size), options.size % 2 == 1 else {
      throw SettingsError(
        key: "size", expected: "an odd number from 3 to 63", received: "\(options.size)")
    }
    self.options = options
  }

  /// With the default of each option that is not given.
  public init(probability: Double = Options().probability, size: Int = Options().size) throws {
    var options = Options()
    options.probability = probability
    options.size = size
    try self.init(options)
  }

  public func apply(to sample: Sample, epoch: Int, using generator: inout Generator) -> Sample {
    guard generator.chance(options.probability) else { return sample }
    let size = 3 + 2 * generator.integer(in: 0..<((options.size - 1) / 2))
    var sample = sample
    sample.image = sample.image.blurred(size: size)
    return sample
  }
}
