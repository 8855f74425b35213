import AthanorCore
import AthanorData
import AthanorExperiment
import AthanorMetrics
import AthanorVision

/// The implementation of `athanor metrics …`.
public enum MetricsCommands {
  /// Compares masks of class indices in two folders and their subfolders, paired by stem.
  ///
  /// Errors: `ContentError` for a path that is not a folder, for a truth whose prediction is
  /// missing or has another size, and for an index that is not a class.
  public static func segmentation(
    prediction: String, truth: String, classes: Int, ignore: UInt8
  ) throws -> SegmentationSummary {
    let predictions = try masks(in: prediction)
    let truths = try masks(in: truth)
    guard !truths.isEmpty else {
      throw ContentError(path: truth, expected: "masks (.png, .bmp, .tif)", received: "none")
    }
    var matrix = ConfusionMatrix(classes: classes, ignore: ignore)
    for (stem, truthPath) in truths.sorted(by: { $0.key < $1.key }) {
      guard let path = predictions[stem] else {
        throw ContentError(
          path: prediction, expected: "a prediction for '\(stem)'", received: "none")
      }
      let known = try Image(contentsOf: truthPath, as: .indices)
      let guessed = try Image(contentsOf: path, as: .indices)
      guard known.width == guessed.width, known.height == guessed.height else {
        throw ContentError(
          path: path, expected: "\(known.width)×\(known.height) pixels, as its truth",
          received: "\(guessed.width)×\(guessed.height)")
      }
      do {
        try matrix.add(prediction: guessed.pixels, truth: known.pixels)
      } catch let error as ClassIndexError {
        throw ContentError(
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

  /// VOC's mAP at IoU .5 of a results file against an annotation file.
  public static func voc(truth: String, results: String) throws -> PascalVOCSummary {
    try COCODataset.evaluateVOC(truth: truth, results: results)
  }

  /// The masks of a folder and its subfolders, by their paths without extension.
  ///
  /// Errors: throws `ContentError` where the path is not a folder, and for two masks of the same
  /// name.
  private static func masks(in folder: String) throws -> [String: String] {
    let tree = try DataTree(folder)
    var masks: [String: String] = [:]
    for path in tree.files(in: "", kinds: ["png", "bmp", "tif", "tiff"]) {
      let name = FileName.withoutKind(path)
      if let other = masks.updateValue(tree.path(path), forKey: name) {
        throw ContentError(
          path: folder, expected: "one mask a name",
          received: "\(FileName.last(of: other)) and \(FileName.last(of: path))")
      }
    }
    return masks
  }
}
