import AthanorCore
import AthanorData
import AthanorMetrics
import AthanorTasks
import AthanorTraining
import AthanorVision
import Foundation

/// What `athanor predict` does: overlays, masks and boxes for images.
public enum Predicting {
  /// Writes the predictions for images to `folder`, boxes and masks in the images' own pixels:
  ///
  ///     NAME_overlay.png    the image with everything drawn
  ///     NAME_mask.png       class indices; NAME_depth.npy, NAME_normals.npy numbers, and a picture
  ///                         of them; a task that is not called as its type gives its own name
  ///     detections.json     boxes of all images in COCO's results format
  ///     classes.json        the images' classes, the most likely first
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
    let tasks = try checkpoint.makeTasks()
    let predictor = Predictor(
      try checkpoint.makeNetwork(), tasks, checkpoint.format, minimumScore: threshold ?? 0.2)
    let files = try ListedImages(images, except: folder)
    for warning in files.warnings.all { monitor.warn("\(warning)") }
    var outputs = OutputFiles(
      inputs: files.paths + [checkpoint.file] + [truth].compactMap(\.self), force: force)
    var writers = try tasks.map { task in
      try PredictionWriter(task, files, checkpoint.config.data, truth: truth, to: folder) {
        monitor.warn("\($0)")
      }
    }
    try outputs.claim(
      files.names.map { "\($0)_overlay.png" } + writers.flatMap { $0.names(files.names) },
      in: folder)
    let bar = monitor.begin("predict", total: files.paths.count, unit: "image")
    var firstError: (any Error)?
    for (i, file) in files.paths.enumerated() {
      do {
        let image = try Image(contentsOf: file, as: .color)
        let prediction = try predictor([image])[0]
        let drawn = threshold ?? RunPictures.drawnScore
        try RunPictures.picture(prediction, on: image, tasks, above: drawn)
          .write(to: "\(folder)/\(files.names[i])_overlay.png")
        for (k, task) in tasks.enumerated() {
          if let label = prediction[task.name] { try writers[k].add(label, image: i) }
        }
      } catch {
        bar.note("\(error)")
        firstError = firstError ?? error
      }
      bar.update(i + 1)
    }
    bar.finish()
    for writer in writers { try writer.finish() }
    if let firstError { throw firstError }
  }
}
