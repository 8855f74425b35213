import AthanorCore
import AthanorVision
import Synchronization

/// A usual way of arranging data sets in a folder.
///
/// A layout only finds the images, the split of each if it has one, and the classes of the labels
/// by name; and it reads the labels of one image. Class indices, splits, checks and counting are
/// the same for all, in `SurveyedData`. A layout is one file and one line in `datasets`.
public protocol Layout: Registered, DataSource where Options == LayoutOptions<Own> {
  associatedtype Own: Codable & Equatable & Sendable & DefaultInitializable
  /// Its structure on disk, in lines of `path    content`.
  static var onDisk: [String] { get }
  /// Whether labels are in files; false where the images' folders are the labels.
  static var labelsAreFiles: Bool { get }
  /// Whether a folder's content looks like this layout, and with which options.
  static func recognise(_ tree: DataTree) throws -> Recognition
  var options: Options { get }
  var surveyed: Once<SurveyedData> { get }
  /// Finds the content of the folder; reads no image.
  func survey(_ tree: DataTree, _ warnings: WarningLog) throws -> Survey
}

/// How well a folder matches a layout.
public enum Recognition: Equatable, Sendable {
  case no
  /// A partial match: what was found and what is missing.
  case near(String)
  /// The options to open it with, beside `path`.
  case yes([Settings.Entry])
}

extension Layout {
  public static var labelsAreFiles: Bool { true }

  public var folders: [String]? { [options.path] }

  public func splits() throws -> [Split] { try opened().splits }

  public func open(_ split: Split) throws -> any Dataset { try opened().dataset(split) }

  private func opened() throws -> SurveyedData {
    try surveyed.value {
      let tree = try DataTree(options.path)
      let warnings = WarningLog()
      return try SurveyedData(
        survey(tree, warnings), tree, classes: options.classes, options.division, warnings)
    }
  }
}

/// A value that is computed once, on first use.
public final class Once<Value: Sendable>: Sendable {
  private let cached = Mutex<Value?>(nil)

  public init() {}

  public func value(_ make: () throws -> Value) throws -> Value {
    try cached.withLock { cached in
      if let cached { return cached }
      let value = try make()
      cached = value
      return value
    }
  }
}

/// The content of a folder as found by a layout.
public struct Survey: Sendable {
  /// An image with its labels.
  struct Item: Sendable {
    /// Its path below the folder of images, without extension.
    var name: String
    /// The image's file; the label file where the image is embedded in it.
    var image: String
    /// Its split in the data set; nil where it has none.
    var split: Split?
    /// Its id in the data set's COCO file; nil where there is none.
    var id: COCOIdentifier?
  }

  /// Reads the labels of an item whose image has been read.
  typealias Reader = @Sendable (_ item: Int, _ image: Image) throws -> Labels

  var items: [Item]
  var classes: FoundClasses
  /// Creates the reader of labels for a class table.
  var reader: @Sendable (ClassTable) throws -> Reader
  /// Reads an image that is not a file of its own; nil where all are files.
  var image: (@Sendable (Int) throws -> Image)?

  init(
    _ items: [Item], _ classes: FoundClasses, image: (@Sendable (Int) throws -> Image)? = nil,
    reader: @escaping @Sendable (ClassTable) throws -> Reader
  ) {
    self.items = items
    self.classes = classes
    self.image = image
    self.reader = reader
  }
}
