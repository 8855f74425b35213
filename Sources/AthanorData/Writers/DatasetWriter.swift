import AthanorCore
import AthanorVision
import Synchronization

/// A form in which data sets are written: one file and one line in `datasetWriters`.
///
/// What a writer writes, `recogniseLayout` reads back with the same labels, or the writer refuses,
/// naming what is lost.
public protocol DatasetWriter: Sendable {
  /// What `--to` calls it.
  static var name: String { get }
  /// What it holds, in one line.
  static var summary: String { get }
  /// Whether it marks regions of many objects as crowds.
  static var keepsCrowds: Bool { get }
  /// Prepares an empty folder for the samples of some splits.
  ///
  /// Errors: throws `ContentError` for classes that the form cannot hold.
  init(_ folder: String, _ classes: DataClasses, _ splits: [Split]) throws
  /// Writes a sample; may be called from many threads.
  ///
  /// Errors: throws `ContentError` for labels that the form cannot hold.
  func write(_ outgoing: OutgoingSample) throws
  /// Writes what takes all samples: lists, tables, a JSON of all annotations.
  func finish() throws
}

/// The forms in which data sets are written.
public let datasetWriters: [any DatasetWriter.Type] = [
  VOCWriter.self,
  COCOWriter.self,
  YOLOWriter.self,
  LabelmeWriter.self,
  FolderWriter.self,
]

/// A sample on its way to a file.
public struct OutgoingSample: Sendable {
  public var sample: Sample
  public var split: Split
  /// Its place among all samples, from 0.
  public var number: Int
  /// The file whose pixels are the sample's; nil: the image is written as PNG.
  public var file: String?
  /// What COCO files call the image.
  public var imageID: Int

  public init(_ sample: Sample, _ split: Split, number: Int, file: String?) {
    self.sample = sample
    self.split = split
    self.number = number
    self.file = file
    imageID = number + 1
  }

  var name: String { sample.name }

  /// The image's file name: the sample's with the extension of its file, as that is written.
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

  /// The error of a sample that the form cannot hold.
  static func refusal(
    _ name: String, holds: String, received: String, keptBy: String = "voc and folder keep it"
  ) -> ContentError {
    ContentError(
      path: name, expected: "labels that \(Self.name) holds: \(holds)",
      received: "\(received) (\(keptBy))")
  }

  /// Writes a list of names, one a line, that must be read as it was meant.
  ///
  /// Errors: throws `ContentError` for a name that a line of text cannot hold.
  static func writeList(_ names: [String], to path: String) throws {
    try AtomicFile.write(names.map { $0 + "\n" }.joined(), to: path)
    let read = try TextFile.lines(of: path)
    guard read == names else {
      let lost = names.first { !read.contains($0) } ?? names.first ?? ""
      throw ContentError(
        path: FileName.last(of: path), expected: "names that are a line each",
        received: "'\(lost)', which would be read otherwise")
    }
  }
}

/// Values from many threads, in the order of their numbers.
final class Numbered<Value: Sendable>: Sendable {
  private let kept = Mutex<[Int: Value]>([:])

  func add(_ value: Value, _ number: Int) { kept.withLock { $0[number] = value } }

  var values: [Value] {
    kept.withLock { kept in kept.sorted { $0.key < $1.key }.map(\.value) }
  }
}
