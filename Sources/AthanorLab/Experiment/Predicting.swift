import AthanorCore
import AthanorData
import AthanorNetworks
import AthanorTraining
import AthanorVision
import Foundation

/// What `athanor predict` does: overlays, masks and boxes for images.
public enum Predicting {
  /// Writes `NAME_overlay.png`, `NAME_mask.png` (class indices) and `detections.json` (COCO results,
  /// boxes in the image's own pixels) to `folder`.
  ///
  /// Boxes above `threshold`, .2 by default, are listed; drawn are those above .4, or above a
  /// threshold that was asked for.
  ///
  /// A file that cannot be read is left out and told of; throws the first such error at the end.
  public static func run(
    _ path: String, images: [String], to folder: String, threshold: Float? = nil
  ) throws {
    let checkpoint = try RunCheckpoint(try Checkpoints.locate(path))
    let predictor = Predictor(
      try checkpoint.makeNetwork(), checkpoint.format, threshold: threshold ?? 0.2)
    let files = try images.flatMap(expand)
    guard !files.isEmpty else {
      throw FileError(
        path: images.joined(separator: ", "), operation: "read", reason: "no JPEG or PNG in it")
    }
    try RunFolder.makeFolder(folder)
    let classes = checkpoint.classes
    let bar = ProgressBar("predict", total: files.count, unit: "image")
    var detections: [JSON] = []
    var firstError: (any Error)?
    for (i, file) in files.enumerated() {
      do {
        let image = try Image(contentsOf: file, as: .color)
        let prediction = predictor([image])[0]
        let stem = URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent
        let drawn = threshold ?? RunPictures.drawnScore
        try RunPictures.picture(prediction, on: image, classes, above: drawn)
          .write(to: "\(folder)/\(stem)_overlay.png")
        try prediction.mask?.write(to: "\(folder)/\(stem)_mask.png")
        detections += (prediction.boxes ?? []).map { $0.json(image: stem, classes) }
      } catch {
        bar.print("\(error)")
        firstError = firstError ?? error
      }
      bar.update(i + 1)
    }
    bar.finish()
    if checkpoint.config.tasks.contains(.detection) {
      try AtomicFile.write(JSON.array(detections).compact + "\n", to: "\(folder)/detections.json")
    }
    if let firstError { throw firstError }
  }

  /// The image itself, or the images of a folder by name.
  private static func expand(_ path: String) throws -> [String] {
    guard ImageFiles.isFolder(path) else { return [path] }
    return try ImageFiles.names(in: path).map { "\(path)/\($0)" }
  }
}

extension ScoredBox {
  /// One entry of COCO's results format.
  fileprivate func json(image: String, _ classes: DataClasses) -> JSON {
    [
      "image_id": Int(image).map { .integer($0) } ?? .string(image),
      "category_id": classes.categoryIDs[box.label].json,
      "bbox": .array(
        [box.x1, box.y1, box.width, box.height].map { .number(Double($0)) }),
      "score": .number(Double(score)),
    ]
  }
}
