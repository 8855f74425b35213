import AthanorCore
import AthanorVision
import Synchronization

/// A format in which data sets are written: one file and one line in `datasetWriters`.
///
/// `recogniseLayout` reads what a writer writes with the same labels; otherwise the writer throws,
/// naming what would be lost.
public protocol DatasetWriter: Sendable {
  /// Its name for `--to`.
  static var name: String { get }
  /// Its content, in one line.
  static var summary: String { get }
  /// Whether it marks regions of many objects as crowds.
  static var keepsCrowds: Bool { get }
  /// Prepares an empty folder for the samples of some splits.
  ///
  /// Errors: throws `DatasetError` for classes that the format cannot represent.
  init(_ folder: String, _ classes: DataClasses, _ splits: [Split]) throws
  /// Writes a sample; may be called from many threads.
  ///
  /// Errors: throws `DatasetError` for labels that the format cannot represent.
  func write(_ outgoing: OutgoingSample) throws
  /// Writes what depends on all samples: lists, tables, a JSON of all annotations.
  func finish() throws
}

/// The formats in which data sets are written.
public let datasetWriters: [any DatasetWriter.Type] = [
  VOCWriter.self,
  COCOWriter.self,
  YOLOWriter.self,
  LabelmeWriter.self,
  FolderWriter.self,
]

/// A sample to be written.
public struct OutgoingSample: Sendable {
  public var sample: Sample
  public var split: Split
  /// Its index among all samples.
  public var number: Int
  /// The file whose pixels are the sample's; nil: the image is written as PNG.
  public var file: String?
  /// The image's id in COCO files.
  public var imageID: Int

  public init(_ sample: Sample, _ split: Split, number: Int, file: String?) {
    self.sample = sample
    self.split = split
    self.number = number
    self.file = file
    imageID = number + 1
  }

  var name: String { sample.name }

  /// The image's file name: the sample's name with the extension of its file.
  var imageName: String {
    guard let file, let dot = file.lastIndex(of: ".") else { return "\(name).png" }
    return name + file[dot...]
  }

  /// Writes the image to a folder: its file byte for byte, or its pixels as PNG.
  func writeImage(in folder: String) throws {
    let path = "\(folder)/\(imageName)"
    try makeFolder(FileName.parent(of: path))
    if let file {
      try AtomicFile.write(try AtomicFile.read(file), to: path)
    } else {
      try sample.image.write(to: path)
    }
  }
}

extension DatasetWriter {
  public static var keepsCrowds: Bool { false }

  /// The error of a sample that the format cannot represent.
  static func refusal(
    _ name: String, holds: String, received: String, keptBy: String = "voc and folder keep it"
  ) -> DatasetError {
    DatasetError(
      path: name, expected: "labels that \(Self.name) holds: \(holds)",
      received: "\(received) (\(keptBy))")
  }

  /// Writes a list of names, one per line, that is read back exactly.
  ///
  /// Errors: throws `DatasetError` for a name that cannot be written in a line of text.
  static func writeList(_ names: [String], to path: String) throws {
    try AtomicFile.write(names.map { $0 + "\n" }.joined(), to: path)
    let read = try TextFile.lines(of: path)
    guard read == names else {
      let lost = names.first { !read.contains($0) } ?? names.first ?? ""
      throw DatasetError(
        path: FileName.last(of: path), expected: "names that are a line each",
        received: "'\(lost)', which would be read otherwise")
    }
  }
}

/// Values from many threads, in the order of their numbers.
final class Numbered<Value: Sendable>: Sendable {
  private let byNumber = Mutex<[Int: Value]>([:])

  func add(_ value: Value, _ number: Int) { byNumber.withLock { $0[number] = value } }

  var values: [Value] {
    byNumber.withLock { $0.sorted { $0.key < $1.key }.map(\.value) }
  }
}
