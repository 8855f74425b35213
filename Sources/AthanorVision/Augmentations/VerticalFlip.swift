import AthanorCore

/// Top and bottom change places, with the given probability.
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

  public func apply(to sample: Sample, epoch: Int, using generator: inout Generator) -> Sample {
    guard generator.chance(options.probability) else { return sample }
    var sample = sample
    let height = Float(sample.image.height)
    sample.image = sample.image.flipped(.vertical)
    sample.mask = sample.mask?.flipped(.vertical)
    sample.boxes = sample.boxes?.map {
      BoundingBox(
        x1: $0.x1, y1: height - $0.y2, x2: $0.x2, y2: height - $0.y1, label: $0.label)
    }
    return sample
  }
}
