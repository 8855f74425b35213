import AthanorVision

/// The results of `data inspect`.
public struct DataReport: Codable, Equatable, Sendable {
  public struct SplitReport: Codable, Equatable, Sendable {
    public var split: String
    /// Samples that could be read; all numbers below are of these.
    public var samples = 0
    /// Samples that could not.
    public var damaged = 0
    public var masks = 0
    /// Samples with boxes, including those known to have no object.
    public var boxed = 0
    public var depths = 0
    public var normals = 0
    /// Samples without any label.
    public var unlabelled = 0
    /// Labelled pixels by class; ignored ones are counted separately.
    public var pixels: [ClassCount] = []
    public var ignoredPixels = 0
    /// Boxes by class.
    public var boxes: [ClassCount] = []
    /// Boxes under 32² pixels, from 32² to 96², and above, as in COCO.
    public var boxSizes = BoxSizes()
    /// Labels of other names than `mask`, `boxes`, `depth` and `normals`.
    public var labels: [LabelReport] = []
    /// Image sizes and how many images have each, the most frequent first.
    public var imageSizes: [SizeCount] = []
  }

  public struct ClassCount: Codable, Equatable, Sendable {
    public var name: String
    public var count: Int
    /// The share of the split's total, in `0...1`.
    public var share: Double
    /// The number of images with the class.
    public var images: Int
  }

  /// A label of a split.
  public struct LabelReport: Codable, Equatable, Sendable {
    public var label: String
    public var kind: Label.Kind
    /// The number of samples with it.
    public var samples: Int
    /// Pixels of a mask, boxes, or images by class; none for numbers.
    public var classes: [ClassCount]
  }

  public struct BoxSizes: Codable, Equatable, Sendable {
    public var small = 0
    public var medium = 0
    public var large = 0
  }

  public struct SizeCount: Codable, Equatable, Sendable {
    public var width: Int
    public var height: Int
    public var count: Int
  }

  /// A sample, by its split and name.
  public struct SampleReference: Codable, Equatable, Sendable {
    public var split: String
    public var name: String
  }

  /// A sample that cannot be read, and why.
  public struct Damaged: Codable, Equatable, Sendable {
    public var split: String
    public var name: String
    public var problem: String
  }

  /// Samples whose images are equal, byte for byte.
  public struct Duplicate: Codable, Equatable, Sendable {
    public var samples: [SampleReference]

    /// The splits that they are in, each once.
    public var splits: [String] {
      samples.map(\.split).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
  }

  /// Samples that are suspicious for one reason, the most suspicious first.
  public struct Suspects: Codable, Equatable, Sendable {
    public var kind: Suspicion
    public var count: Int
    /// The first twenty.
    public var samples: [SampleReference]
  }

  public var segmentationClasses: [String]
  public var detectionClasses: [String]
  public var splits: [SplitReport] = []
  public var damaged: [Damaged] = []
  /// Those across splits first.
  public var duplicates: [Duplicate] = []
  public var suspicious: [Suspects] = []
  public var warnings: [DataWarning] = []
}
