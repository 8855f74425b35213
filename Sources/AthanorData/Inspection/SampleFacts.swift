import AthanorCore
import AthanorVision

/// A summary of a sample, small enough for data sets of any size.
public struct SampleFacts: Equatable, Sendable {
  /// The labels that a sample has.
  public struct Labels: OptionSet, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let mask = Labels(rawValue: 1)
    public static let boxes = Labels(rawValue: 2)
    public static let depth = Labels(rawValue: 4)
    public static let normals = Labels(rawValue: 8)
    /// Any further one.
    public static let further = Labels(rawValue: 16)
  }

  /// Pixels.
  public var width: Int32
  public var height: Int32
  public var labels: Labels = []
  public var boxes: Int32 = 0
  /// The shortest side of any box, pixels.
  public var shortestSide = Float.infinity
  /// The largest share of the image that a box takes.
  public var largestShare: Float = 0
  /// The largest ratio of a box's longer side to its shorter one.
  public var largestRatio: Float = 0
  /// Boxes that repeat another of the same class to the last digit.
  public var repeatedBoxes: Int32 = 0
  /// The share of the mask's pixels that are ignored.
  public var ignoredShare: Float = 0
  /// The class of all pixels that are not ignored; nil where there are several or none.
  public var onlyClass: UInt8?
  /// Identifies the content of the image's file, or its pixels where it is not a file.
  public var image: UInt64
}

/// The counts of one sample, before they are added to those of its split.
struct SampleTally {
  /// A box for the histograms.
  struct Box: Hashable {
    var label: Int
    var x1, y1, x2, y2: Float

    init(_ box: BoundingBox) {
      (label, x1, y1, x2, y2) = (box.label, box.x1, box.y1, box.x2, box.y2)
    }
  }

  var facts: SampleFacts
  /// Pixels by mask value.
  var pixels: [Int]?
  var boxes: [BoundingBox]
  /// Of each further label the pixels, boxes or images of each class; nothing for numbers.
  var further: [String: [Int]] = [:]

  /// Reads a sample. Throws its error.
  init(_ dataset: any Dataset, _ index: Int) throws {
    let sample = try dataset.sample(at: index)
    let (width, height) = (sample.image.width, sample.image.height)
    let image =
      try dataset.file(at: index).map { try Fingerprint(contentsOf: $0) }
      ?? Fingerprint(sample.image.pixels)
    facts = SampleFacts(width: Int32(width), height: Int32(height), image: image.value)
    if sample.depth != nil { facts.labels.insert(.depth) }
    if sample.normals != nil { facts.labels.insert(.normals) }
    if let mask = sample.mask {
      facts.labels.insert(.mask)
      var counts = [Int](repeating: 0, count: 256)
      for value in mask.pixels { counts[Int(value)] += 1 }
      facts.ignoredShare = Float(counts[255]) / Float(max(1, mask.pixels.count))
      let seen = (0..<255).filter { counts[$0] > 0 }
      facts.onlyClass = seen.count == 1 ? UInt8(seen[0]) : nil
      pixels = counts
    }
    boxes = sample.boxes ?? []
    for (name, label) in sample.labels where SplitCounts.isFurther(name) {
      facts.labels.insert(.further)
      further[name] = Self.counts(of: label, dataset.classes.labels[name]?.names.count ?? 0)
    }
    guard sample.boxes != nil else { return }
    facts.labels.insert(.boxes)
    facts.boxes = Int32(clamping: boxes.count)
    for box in boxes {
      let (short, long) = (min(box.width, box.height), max(box.width, box.height))
      facts.shortestSide = min(facts.shortestSide, short)
      facts.largestShare = max(facts.largestShare, box.area / Float(width * height))
      if short > 0 { facts.largestRatio = max(facts.largestRatio, long / short) }
    }
    facts.repeatedBoxes = Int32(clamping: boxes.count - Set(boxes.map(Box.init)).count)
  }

  private static func counts(of label: Label, _ classes: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: max(256, classes))
    switch label {
    case .mask(let mask): for value in mask.pixels { counts[Int(value)] += 1 }
    case .boxes(let label): for box in label.boxes { counts[box.label] += 1 }
    case .category(let label): counts[label.index] += 1
    case .depth, .normals, .map: break
    }
    return Array(counts.prefix(classes))
  }
}
