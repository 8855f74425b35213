import AthanorCore
import AthanorData
import AthanorMetrics
import AthanorNetworks
import AthanorTraining
import AthanorVision
import Foundation

/// What `athanor predict` does: overlays, masks and boxes for images.
public enum Predicting {
  /// Writes `NAME_overlay.png`, `NAME_mask.png` (class indices) and `detections.json` (COCO
  /// results, boxes in the image's own pixels) to `folder`.
  ///
  /// Boxes above `threshold`, .2 by default, are listed; drawn are those above .4, or above a
  /// threshold that was asked for. Images of one name get their folders' names before theirs.
  ///
  /// In `detections.json` an image has the id of the run's data set where it is a file of it, or
  /// that of the COCO annotations in `truth`; else its name, or the number that its name is.
  ///
  /// A file that cannot be read is left out and told of; throws the first such error at the end.
  /// Before the first is read, throws `OutputFiles.Refusal` where something would be written over.
  public static func run(
    _ path: String, images: [String], to folder: String, threshold: Float? = nil,
    truth: String? = nil, force: Bool = false
  ) throws {
    let checkpoint = try RunCheckpoint(try Checkpoints.locate(path))
    let predictor = Predictor(
      try checkpoint.makeNetwork(), checkpoint.format, threshold: threshold ?? 0.2)
    let files = try ListedImages(images, except: folder)
    for warning in files.warnings.all { Terminal.error.write("warning: \(warning)\n") }
    let classes = checkpoint.classes
    let detects = checkpoint.config.tasks.contains(.detection)
    let ids =
      try truth.map { try ImageIDs(files, truth: $0, classes) }
      ?? ImageIDs(files, detects ? checkpoint.config.data : nil, classes) {
        Terminal.error.write("warning: \($0); --truth gives their ids\n")
      }
    if let truth {
      for (name, id) in zip(classes.detection, ids.categories) where id == nil {
        Terminal.error.write(
          "warning: \(truth) has no category '\(name)': its boxes are left out\n")
      }
    }
    var outputs = OutputFiles(
      inputs: files.paths + [checkpoint.file] + [truth].compactMap(\.self), force: force)
    let kinds = ["overlay"] + (checkpoint.config.tasks.contains(.segmentation) ? ["mask"] : [])
    try outputs.claim(
      files.names.flatMap { name in kinds.map { "\(name)_\($0).png" } }
        + (detects ? ["detections.json"] : []), in: folder)
    let bar = ProgressBar("predict", total: files.paths.count, unit: "image")
    var detections: [JSON] = []
    var firstError: (any Error)?
    for (i, file) in files.paths.enumerated() {
      do {
        let image = try Image(contentsOf: file, as: .color)
        let prediction = try predictor([image])[0]
        let name = files.names[i]
        let drawn = threshold ?? RunPictures.drawnScore
        try RunPictures.picture(prediction, on: image, classes, above: drawn)
          .write(to: "\(folder)/\(name)_overlay.png")
        try prediction.mask?.write(to: "\(folder)/\(name)_mask.png")
        for found in prediction.boxes ?? [] {
          guard let category = ids.categories[found.box.label] else { continue }
          detections.append(
            COCODetection(found.box, score: found.score)
              .json(image: ids.images[i], category: category))
        }
      } catch {
        bar.print("\(error)")
        firstError = firstError ?? error
      }
      bar.update(i + 1)
    }
    bar.finish()
    if detects {
      try AtomicFile.write(JSON.array(detections).compact + "\n", to: "\(folder)/detections.json")
    }
    if let firstError { throw firstError }
  }
}
