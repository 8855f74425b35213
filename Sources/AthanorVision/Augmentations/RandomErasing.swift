import AthanorCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Covers a random rectangle with the mean colour; its mask pixels become 255 (ignore).
///
/// Boxes with a smaller share than `visibility` uncovered are dropped.
public struct RandomErasing: Augmentation {
  public struct Options: Codable, Sendable, DefaultInitializable {
    public var probability = 0.5
    /// The smallest and largest share of the image.
    public var area = [0.02, 0.2]
    /// The smallest and largest ratio of height to width.
    public var aspect = [0.3, 3.3]
    /// The share of a box that must stay uncovered.
    public var visibility = 0.25

    public init() {}
  }

  public static let name = "random_erasing"
  public static let summary = "covers a random rectangle; its mask pixels are ignored"
  public static let source = "Zhong et al. 2020, algorithm 1"

  private let options: Options

  public init(_ options: Options) throws {
    try Check.probability(options.probability, "probability")
    try Check.probability(options.visibility, "visibility")
    try Check.range(options.area, "area", within: 0...1)
    try Check.range(options.aspect, "aspect", within: 0.01...100)
    self.options = options
  }

  /// With the default of each option that is not given.
  public init(
    probability: Double = Options().probability, area: [Double] = Options().area,
    aspect: [Double] = Options().aspect, visibility: Double = Options().visibility
  ) throws {
    var options = Options()
    options.probability = probability
    options.area = area
    options.aspect = aspect
    options.visibility = visibility
    try self.init(options)
  }

  public func apply(to sample: Sample, epoch: Int, using generator: inout Generator) -> Sample {
    guard generator.chance(options.probability) else { return sample }
    let (width, height) = (sample.image.width, sample.image.height)
    // A rectangle that does not fit is drawn again, as the paper does.
    for _ in 0..<100 {
      let area = generator.uniform(options.area[0], options.area[1]) * Double(width * height)
      let aspect = exp(generator.uniform(log(options.aspect[0]), log(options.aspect[1])))
      let h = max(1, Int((area * aspect).squareRoot().rounded()))
      let w = max(1, Int((area / aspect).squareRoot().rounded()))
      guard w <= width, h <= height else { continue }
      let x = generator.integer(in: 0..<(width - w + 1))
      let y = generator.integer(in: 0..<(height - h + 1))
      return sample.erased(
        x..<(x + w), y..<(y + h), value: Array(neutralColor.prefix(sample.image.channels)),
        visibility: options.visibility)
    }
    return sample
  }
}
