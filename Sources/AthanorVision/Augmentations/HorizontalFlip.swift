import AthanorCore

/// Left and right change places, with the given probability.
public struct HorizontalFlip: Augmentation {
  public struct Options: Codable, Sendable, DefaultInitializable {
    public var probability = 0.5

    public init() {}
  }

  public static let name = "horizontal_flip"
  public static let summary = "left and right change places"
  public static let source = "common practice"

  private let options: Options

  public init(_ options: Options) throws {
    try Check.probability(options.probability, "probability")
    self.options = options
  }

  public func apply(to sample: Sample, epoch: Int, using generator: inout Generator) -> Sample {
    guard generator.chance(options.probability) else { return sample }
    var sample = sample
    let width = Float(sample.image.width)
    sample.image = sample.image.flipped(.horizontal)
    sample.mask = sample.mask?.flipped(.horizontal)
    sample.boxes = sample.boxes?.map {
      BoundingBox(
        x1: width - $0.x2, y1: $0.y1, x2: width - $0.x1, y2: $0.y2, label: $0.label)
    }
    return sample
  }
}
