import AthanorCore
import AthanorMetrics
import AthanorVision
import Foundation

/// What `athanor metrics …` does.
public enum MetricsCommands {
  /// Compares masks of class indices in two folders, paired by stem.
  ///
  /// Errors: `FileError` for a folder, `MetricsError` for a truth without prediction or of another
  /// size, and for an index that is no class.
  public static func segmentation(
    prediction: String, truth: String, classes: Int, ignore: UInt8
  ) throws -> SegmentationSummary {
    let predictions = try masks(in: prediction)
    let truths = try masks(in: truth)
    guard !truths.isEmpty else {
      throw MetricsError(path: truth, expected: "masks (.png)", received: "none")
    }
    var matrix = ConfusionMatrix(classes: classes, ignore: ignore)
    for (stem, truthPath) in truths.sorted(by: { $0.key < $1.key }) {
      guard let path = predictions[stem] else {
        throw MetricsError(
          path: prediction, expected: "a prediction for '\(stem)'", received: "none")
      }
      let known = try Image(contentsOf: truthPath, as: .indices)
      let guessed = try Image(contentsOf: path, as: .indices)
      guard known.width == guessed.width, known.height == guessed.height else {
        throw MetricsError(
          path: path, expected: "\(known.width)×\(known.height) pixels, as its truth",
          received: "\(guessed.width)×\(guessed.height)")
      }
      do {
        try matrix.add(prediction: guessed.pixels, truth: known.pixels)
      } catch let error as ClassIndexError {
        throw MetricsError(
          path: error.role == .truth ? truthPath : path,
          expected: "classes below \(classes), or \(ignore) in the truth",
          received: "\(error.received) at pixel (\(error.pixel % known.width), "
            + "\(error.pixel / known.width))")
      }
    }
    return SegmentationSummary(matrix.metrics)
  }

  /// COCO's twelve numbers of a results file against an annotation file.
  public static func detection(truth: String, results: String) throws -> DetectionMetrics {
    try COCODataset.evaluate(truth: truth, results: results).evaluation.metrics
  }

  private static func masks(in folder: String) throws -> [String: String] {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
      throw FileError(path: folder, operation: "read", reason: "not a folder")
    }
    return Dictionary(
      names.filter { $0.lowercased().hasSuffix(".png") }.sorted().map {
        (String($0.dropLast(4)), "\(folder)/\($0)")
      }, uniquingKeysWith: { first, _ in first })
  }
}

/// Files that cannot be compared.
public struct MetricsError: Error, Equatable, CustomStringConvertible {
  public var path: String
  public var expected: String
  public var received: String

  public var description: String { "\(path): expected \(expected), received \(received)" }
}
