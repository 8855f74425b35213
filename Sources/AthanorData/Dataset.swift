import AthanorCore
import AthanorVision

/// The samples of one split.
public protocol Dataset: Sendable {
  var classes: DataClasses { get }
  var count: Int { get }
  /// What was corrected or left out so far, when opening and reading.
  var warnings: WarningLog { get }
  /// The sample's name in messages and predictions: its file's stem.
  func name(at index: Int) -> String
  /// The image's file; nil where the image is not a file of its own.
  func file(at index: Int) -> String?
  /// The image's id in COCO files: that of the data set, or else its name.
  func id(at index: Int) -> COCOIdentifier
  /// Reads a sample. Throws an error that names the file.
  func sample(at index: Int) throws -> Sample
}

extension Dataset {
  public var maskClasses: [String] { classes.masks }
  public var boxClasses: [String] { classes.boxes }
  public var palette: [UInt8] { classes.palette }
  public var names: [String] { (0..<count).map(name(at:)) }
  public func file(at index: Int) -> String? { nil }
  public func id(at index: Int) -> COCOIdentifier { .text(name(at: index)) }
}

/// A source of samples, which opens as one data set per split, all with the same classes.
public protocol DataSource: Sendable {
  /// Throws where the split does not exist; with shares it may be empty.
  func open(_ split: Split) throws -> any Dataset
  /// The splits that exist.
  func splits() throws -> [Split]
  /// The folders that contain all files it reads; nil where samples do not only come from files.
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
