import AthanorCore
import AthanorVision
import Synchronization

/// A way in which people lay data sets out in a folder.
///
/// A layout only finds: which images there are, which split each is said to be of, and which
/// classes by name its labels have; and it reads the labels of one image. Class indices, splits,
/// checks and counting are the same for all, in `SurveyedData`. A layout is one file and one line
/// in `datasets`.
public protocol Layout: Registered, DataSource where Options == LayoutOptions<Own> {
  associatedtype Own: Codable & Equatable & Sendable & DefaultInitializable
  /// What it looks like on disk: a line each, `path    what it holds`.
  static var onDisk: [String] { get }
  /// Whether labels are in files; false where the images' folders alone tell them.
  static var labelsAreFiles: Bool { get }
  /// Whether a folder's content looks like this layout, and with which options.
  static func recognise(_ tree: DataTree) throws -> Recognition
  var options: Options { get }
  var surveyed: Once<SurveyedData> { get }
  /// Finds what the folder holds; reads no image.
  func survey(_ tree: DataTree, _ warnings: WarningLog) throws -> Survey
}

/// What a layout says of a folder.
public enum Recognition: Equatable, Sendable {
  case no
  /// Something of the layout is there, but not all: what is there and what is missing.
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

/// A value that is made once, by the first who asks for it.
public final class Once<Value: Sendable>: Sendable {
  private let kept = Mutex<Value?>(nil)

  public init() {}

  public func value(_ make: () throws -> Value) throws -> Value {
    try kept.withLock { kept in
      if let kept { return kept }
      let value = try make()
      kept = value
      return value
    }
  }
}

/// What a layout found in a folder.
public struct Survey: Sendable {
  /// An image with its labels.
  struct Item: Sendable {
    /// Its path below the folder of images, without extension.
    var name: String
    /// The image's file; the label file where that holds the image.
    var image: String
    /// The split that the data set puts it in; nil where it does not say.
    var split: Split?
    /// What the data set's COCO file calls it; nil where there is none.
    var id: COCOIdentifier?
  }

  /// Reads the labels of an item whose image has been read.
  typealias Reader = @Sendable (_ item: Int, _ image: Image) throws -> Labels

  var items: [Item]
  var classes: FoundClasses
  /// Makes the reader of labels for a class table.
  var reader: @Sendable (ClassTable) throws -> Reader
  /// Reads an image that is no file of its own; nil: all are files.
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
