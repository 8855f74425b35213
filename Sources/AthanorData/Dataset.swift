import AthanorCore
import AthanorVision

/// The classes of a data set and how they are drawn.
public struct DataClasses: Codable, Equatable, Sendable {
  /// By mask index, background first where there is one; empty when there are no masks.
  public var segmentation: [String]
  /// By box label, without background; empty when there are no boxes.
  public var detection: [String]
  /// RGB triples, one a segmentation class.
  public var palette: [UInt8]
  /// What each box label is called in COCO files.
  public var categoryIDs: [COCOIdentifier]

  public init(
    segmentation: [String], detection: [String], palette: [UInt8]? = nil,
    categoryIDs: [COCOIdentifier]? = nil
  ) {
    self.segmentation = segmentation
    self.detection = detection
    let count = max(segmentation.count, detection.count + 1)
    self.palette = palette ?? Array(Colors.voc.prefix(3 * count))
    self.categoryIDs = categoryIDs ?? detection.indices.map { .number($0 + 1) }
  }

  /// Reads what `encode(to:)` wrote. Throws `DecodingError` for lists that do not fit each other.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    segmentation = try values.decode([String].self, forKey: .segmentation)
    detection = try values.decode([String].self, forKey: .detection)
    palette = try values.decode([UInt8].self, forKey: .palette)
    categoryIDs = try values.decode([COCOIdentifier].self, forKey: .categoryIDs)
    func require(_ isSo: Bool, _ key: CodingKeys, _ expected: String) throws {
      guard !isSo else { return }
      throw DecodingError.dataCorruptedError(
        forKey: key, in: values, debugDescription: "expected \(expected)")
    }
    try require(segmentation.count <= 255, .segmentation, "255 classes of masks at the most")
    try require(
      Set(segmentation).count == segmentation.count, .segmentation, "names that differ")
    try require(Set(detection).count == detection.count, .detection, "names that differ")
    try require(palette.count % 3 == 0, .palette, "three numbers a colour")
    try require(
      categoryIDs.count == detection.count && Set(categoryIDs).count == detection.count,
      .categoryIDs, "one id for each of \(detection.count) box classes")
  }

  /// The colour of a box label: that of the mask class of its name, where there is one.
  public func boxColor(_ label: Int) -> [UInt8] {
    guard detection.indices.contains(label),
      let index = segmentation.firstIndex(of: detection[label])
    else { return Colors.box(label) }
    return maskColor(index)
  }

  /// The colour of a mask class.
  public func maskColor(_ index: Int) -> [UInt8] {
    3 * index + 2 < palette.count
      ? Array(palette[(3 * index)..<(3 * index + 3)]) : Colors.mask(index)
  }
}

/// The samples of one split.
public protocol Dataset: Sendable {
  var classes: DataClasses { get }
  var count: Int { get }
  /// What was put right or left out so far, in opening and in reading.
  var warnings: WarningLog { get }
  /// What messages and predictions call the sample: its file's stem.
  func name(at index: Int) -> String
  /// The image's file; nil where the image is no file of its own.
  func file(at index: Int) -> String?
  /// What COCO files call the image: its id in the data set where that has ids, else its name.
  func id(at index: Int) -> COCOIdentifier
  /// Reads a sample. Throws an error that names the file.
  func sample(at index: Int) throws -> Sample
}

extension Dataset {
  public var segmentationClasses: [String] { classes.segmentation }
  public var detectionClasses: [String] { classes.detection }
  public var palette: [UInt8] { classes.palette }
  public var names: [String] { (0..<count).map(name(at:)) }
  public func file(at index: Int) -> String? { nil }
  public func id(at index: Int) -> COCOIdentifier { .text(name(at: index)) }
}

/// A place that samples come from: opens as one data set a split, all with the same classes.
public protocol DataSource: Sendable {
  /// Throws where the split does not exist; it may be empty where shares decide.
  func open(_ split: Split) throws -> any Dataset
  /// The splits that exist.
  func splits() throws -> [Split]
  /// The folders that hold every file it reads; nil where samples do not come from files alone.
  var folders: [String]? { get }
}

extension DataSource {
  public func splits() throws -> [Split] { Split.allCases }

  public var folders: [String]? { nil }

  /// The splits that exist and are not empty.
  func openAll() throws -> [(split: Split, dataset: any Dataset)] {
    try splits().map { ($0, try open($0)) }.filter { $0.1.count > 0 }
  }
}

/// A data set of named samples that a closure reads.
struct ListedDataset: Dataset {
  var classes: DataClasses
  var list: [String]
  var files: [String]?
  var ids: [COCOIdentifier]?
  var warnings: WarningLog
  var read: @Sendable (Int) throws -> Sample

  init(
    _ classes: DataClasses, _ list: [String], files: [String]? = nil,
    ids: [COCOIdentifier]? = nil, _ warnings: WarningLog,
    read: @escaping @Sendable (Int) throws -> Sample
  ) {
    self.classes = classes
    self.list = list
    self.files = files
    self.ids = ids
    self.warnings = warnings
    self.read = read
  }

  var count: Int { list.count }
  func name(at index: Int) -> String { list[index] }
  func file(at index: Int) -> String? { files?[index] }
  func id(at index: Int) -> COCOIdentifier { ids?[index] ?? .text(list[index]) }
  func sample(at index: Int) throws -> Sample { try read(index) }
}
