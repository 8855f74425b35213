import AthanorCore

/// Adds noise of a random strength to every value: `v + σ·n`, rounded and clamped to 0…255.
///
/// n is the sum of four random bytes, scaled to mean 0 and variance 1: close to a Gaussian, and
/// each random number gives two of them.
public struct GaussianNoise: Augmentation {
  public struct Options: Codable, Sendable, DefaultInitializable {
    public var probability = 0.5
    /// The largest standard deviation, in gray levels.
    public var sigma = 10.0

    public init() {}
  }

  public static let name = "gaussian_noise"
  public static let summary = "adds noise of a random strength"
  public static let source = "common practice"

  private let options: Options

  public init(_ options: Options) throws {
    try Check.probability(options.probability, "probability")
    guard (0...255).contains(options.sigma) else {
      throw SettingsError(
        key: "sigma", expected: "a number from 0 to 255", received: "\(options.sigma)")
    }
    self.options = options
  }

  /// With the default of each option that is not given.
  public init(probability: Double = Options().probability, sigma: Double = Options().sigma) throws {
    var options = Options()
    options.probability = probability
    options.sigma = sigma
    try self.init(options)
  }

  public func apply(to sample: Sample, epoch: Int, using generator: inout Generator) -> Sample {
    guard generator.chance(options.probability) else { return sample }
    // The variance of a byte is (256² − 1)/12.
    let deviation = (4 * 65535.0 / 12).squareRoot()
    let scale = Float(generator.uniform(0, options.sigma) / deviation)
    var sample = sample
    var noise = generator
    sample.image.withMutablePixels { image in
      for y in 0..<image.height {
        let row = image.row(y)
        var bits: UInt64 = 0
        for x in 0..<(image.width &* image.channels) {
          bits = x % 2 == 0 ? noise.next() : bits >> 32
          let pairs = UInt32(truncatingIfNeeded: bits)
          let halves = (pairs & 0x00FF_00FF) &+ ((pairs >> 8) & 0x00FF_00FF)
          let sum = Int32((halves & 0xFFFF) &+ (halves >> 16)) &- 510
          row[x] = saturated(Float(row[x]) + scale * Float(sum))
        }
      }
    }
    generator = noise
    return sample
  }
}
