import AthanorCore
import AthanorData
import AthanorMetrics
import AthanorTasks
import AthanorTraining
import AthanorVision
import Foundation

/// The implementation of `athanor predict`: overlays, masks and boxes for images.
public enum Predicting {
  /// Writes the predictions for images to `folder`, boxes and masks at the original images' sizes:
  ///
  ///     NAME_overlay.png    the image with all predictions drawn
  ///     NAME_mask.png       class indices; NAME_depth.npy, NAME_normals.npy numbers, and a picture
  ///                         of them; a task that is not named as its type uses its own name
  ///     detections.json     boxes of all images in COCO's results format
  ///     classes.json        the images' classes, the most likely first
  ///
  /// Boxes above `threshold`, .2 by default, are listed; boxes above .4, or above a given
  /// threshold, are drawn. Images with equal names are distinguished by their folders' names.
  ///
  /// In `detections.json` an image has the data set's id where it is a file of the run's data set,
  /// or the id in the COCO annotations `truth`; otherwise its name, or the number where the name is
  /// one.
  ///
  /// A file that cannot be read is skipped with a message; the first such error is thrown at the
  /// end. Before the first image is read, throws `OutputFiles.Refusal` where a file would be
  /// overwritten.
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
