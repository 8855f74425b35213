import AthanorVision

/// Statistics of the labels of a data set: frequencies of classes, positions and sizes of boxes.
public struct LabelStatistics: Sendable {
  /// A box relative to its image.
  public struct Box: Equatable, Sendable {
    public var label: Int
    public var centerX: Double
    public var centerY: Double
    public var width: Double
    public var height: Double
  }

  /// Samples that were read.
  public let samples: Int
  /// The number of samples in the data set.
  public let total: Int
  /// Labelled pixels by segmentation class.
  public let pixels: [Int]
  public let boxes: [Box]

  /// Boxes by detection class.
  public func boxes(of classes: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: classes)
    for box in boxes { counts[box.label] += 1 }
    return counts
  }

  /// Reads every sample, or `limit` of them evenly spaced, on all CPUs; damaged ones are
  /// skipped.
  ///
  /// Throws where the disk as a whole fails.
  public init(of dataset: any Dataset, limit: Int = 1000) throws {
    total = dataset.count
    let (count, read) = (total, min(total, limit))
    let reader = SampleReader(dataset)
    let parts = try concurrently(Array(0..<read)) { i in
      try reader.sample(at: i * count / read).map {
        (Self.pixels(of: $0), Self.boxes(of: $0))
      }
    }.compactMap(\.self)
    samples = parts.count
    pixels = dataset.maskClasses.indices.map { c in parts.reduce(0) { $0 + $1.0[c] } }
    boxes = parts.flatMap(\.1)
  }

  private static func pixels(of sample: Sample) -> [Int] {
    var counts = [Int](repeating: 0, count: 256)
    for value in sample.mask?.pixels ?? [] { counts[Int(value)] += 1 }
    return counts
  }

  private static func boxes(of sample: Sample) -> [Box] {
    let (width, height) = (Double(sample.image.width), Double(sample.image.height))
    return (sample.boxes ?? []).map {
      Box(
        label: $0.label, centerX: Double($0.x1 + $0.x2) / 2 / width,
        centerY: Double($0.y1 + $0.y2) / 2 / height, width: Double($0.width) / width,
        height: Double($0.height) / height)
    }
  }
}
