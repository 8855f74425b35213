import AthanorCore
import AthanorData
import AthanorMetrics
import AthanorNetworks
import AthanorTensor
import AthanorTraining
import AthanorVision
import Foundation

/// The pictures of a run folder, under the names people know.
enum RunPictures {
  private static let samplesShown = 8
  /// The least pixels of a picture's longer side on a sheet.
  static let side = 256
  /// The least score of a box that is drawn: what is less sure clutters a picture.
  static let drawnScore: Float = 0.4

  /// `train_batch0.png`: the first batch as the network sees it, augmented, with its labels.
  static func drawTraining(
    _ loader: Loader, _ experiment: Experiment, in folder: RunFolder
  ) throws {
    guard loader.batchesPerEpoch > 0 else { return }
    let batch = try loader.batch(epoch: 0, step: 0)
    var sheet = ContactSheet(columns: 4)
    for i in 0..<min(samplesShown, batch.count) {
      let sample = batch.sample(i, experiment.format)
      sheet.add(picture(sample, experiment.classes), caption: sample.name)
    }
    try sheet.render().write(to: folder.file("train_batch0.png"))
  }

  /// `labels.png`: what the training labels look like.
  static func drawLabels(
    _ dataset: any Dataset, _ experiment: Experiment, in folder: RunFolder
  ) throws {
    let statistics = try LabelStatistics(of: dataset)
    try LabelsFigure(statistics, experiment.classes).draw(to: folder.file("labels.png"))
  }

  /// `results.png`, `confusion_matrix.png`, `pr_curve.png`, and the first validation samples as
  /// they are labelled and as they are predicted.
  static func drawResults(
    _ recorder: RunRecorder, _ experiment: Experiment, in folder: RunFolder
  ) throws {
    if let validation = recorder.validation {
      try labelSheet(validation, experiment).write(to: folder.file("val_batch0_labels.png"))
      try predictionSheet(validation, experiment).write(to: folder.file("val_batch0_pred.png"))
    }
    let table = recorder.history
    let tasks = experiment.objective.tasks.map(\.name)
    let terms = table.columns.filter { $0.hasPrefix("loss/detection.") && !tasks.contains($0) }
    let panels = [
      HistoryFigure.Panel("losses", tasks.map { "loss/\($0)" }, scale: .logarithmic),
      HistoryFigure.Panel("detection terms", terms, scale: .logarithmic),
      HistoryFigure.Panel("task weights", tasks.map { "weight/\($0)" }),
      HistoryFigure.Panel(
        "segmentation (val)", ["val/mIoU", "val/pixelAccuracy"], scale: .share, of: "segmentation"),
      HistoryFigure.Panel(
        "detection (val)", ["val/AP", "val/AP50", "val/AP75"], scale: .share, of: "detection"),
      HistoryFigure.Panel("learning rate", ["learning_rate"]),
    ]
    if !table.rows.isEmpty {
      try HistoryFigure(table, panels: panels).draw(to: folder.file("results.png"))
    }
    guard let evaluation = recorder.evaluation else { return }
    let names = experiment.classes
    if let confusion = evaluation.confusion {
      let counts = (0..<confusion.classes).map { truth in
        (0..<confusion.classes).map { confusion[truth: truth, prediction: $0] }
      }
      try ConfusionFigure(title: "validation pixels", names: names.segmentation, counts: counts)
        .draw(to: folder.file("confusion_matrix.png"))
    }
    if evaluation.detection != nil {
      let curves = names.detection.indices.compactMap { i in
        evaluation.curve(label: i).map {
          PrecisionRecallFigure.Curve(
            name: names.detection[i], ap: $0.averagePrecision, precision: $0.precisions)
        }
      }
      if !curves.isEmpty {
        try PrecisionRecallFigure(title: "validation boxes, IoU .50", curves: curves)
          .draw(to: folder.file("pr_curve.png"))
      }
    }
  }

  /// The first validation samples as they are labelled.
  private static func labelSheet(_ dataset: any Dataset, _ experiment: Experiment) throws -> Image {
    var sheet = ContactSheet(columns: 4)
    for sample in try firstSamples(dataset) {
      sheet.add(picture(sample, experiment.classes), caption: sample.name)
    }
    return sheet.render()
  }

  /// The first samples that can be read.
  private static func firstSamples(_ dataset: any Dataset) throws -> [Sample] {
    let reader = SampleReader(dataset)
    var samples: [Sample] = []
    for i in 0..<dataset.count where samples.count < samplesShown {
      if let sample = try reader.sample(at: i) { samples.append(sample) }
    }
    return samples
  }

  /// The first validation samples as the network now predicts them.
  static func predictionSheet(_ dataset: any Dataset, _ experiment: Experiment) throws -> Image {
    let samples = try firstSamples(dataset)
    let predictor = Predictor(experiment.network, experiment.format, threshold: 0.2)
    var sheet = ContactSheet(columns: 4)
    for (sample, prediction) in zip(samples, try predictor(samples.map(\.image))) {
      let image = picture(prediction, on: sample.image, experiment.classes, atLeast: side)
      sheet.add(image, caption: sample.name)
    }
    return sheet.render()
  }

  /// A sample with its labels drawn, at `side` pixels or more.
  static func picture(_ sample: Sample, _ classes: DataClasses) -> Image {
    sample.enlarged(to: side).picture(
      palette: classes.palette, caption: { classes.name($0) },
      color: { classes.boxColor($0.label) })
  }

  /// An image with what the network says of it, at its own size or at `side` pixels or more: boxes
  /// of `drawnScore` or more, and of those that cover each other the best, whatever its class.
  static func picture(
    _ prediction: Prediction, on image: Image, _ classes: DataClasses, atLeast side: Int = 0,
    above threshold: Float = drawnScore
  ) -> Image {
    let found = (prediction.boxes ?? []).filter { $0.score >= threshold }
    let places = found.map { scored in
      var box = scored.box
      box.label = 0
      return box
    }
    let kept = NonMaximumSuppression.kept(
      of: places, scores: found.map(\.score), threshold: 0.5)
    // The best last, on top of the others.
    let shown = kept.reversed().map { found[$0] }
    let sample = Sample(
      name: "", image: image, mask: prediction.mask, boxes: shown.map(\.box)
    ).enlarged(to: side)
    let scores = zip(sample.boxes ?? [], shown.map(\.score))
    return sample.picture(
      palette: classes.palette,
      caption: { box in
        let score = scores.first { $0.0 == box }?.1 ?? 0
        return classes.name(box).map { "\($0) \(fixed(Double(score), 2))" }
      }, color: { classes.boxColor($0.label) })
  }
}

extension DataClasses {
  fileprivate func name(_ box: BoundingBox) -> String? {
    detection.indices.contains(box.label) ? detection[box.label] : nil
  }
}

extension Batch {
  /// Sample `i` as it entered the batch: pixels brought back to 8 bits, labels in input pixels.
  fileprivate func sample(_ i: Int, _ format: InputFormat) -> Sample {
    let (height, width) = (image.shape[1], image.shape[2])
    let values = image.pointer(to: Float.self) + i * height * width * 3
    let pixels = (0..<(height * width * 3)).map { k in
      let value = (values[k] * format.deviation[k % 3] + format.mean[k % 3]) * 255
      return UInt8(min(max(value.rounded(), 0), 255))
    }
    let labels = mask.pointer(to: UInt8.self) + i * height * width
    let corners = boxes.pointer(to: Float.self)
    let found = (0..<boxes.shape[0]).filter { Int(corners[5 * $0]) == i }.map { m in
      BoundingBox(
        x1: corners[5 * m + 1], y1: corners[5 * m + 2], x2: corners[5 * m + 3],
        y2: corners[5 * m + 4], label: Int(classes.pointer(to: Int32.self)[m]))
    }
    return Sample(
      name: names[i], image: Image(width: width, height: height, channels: 3, pixels: pixels),
      mask: hasMask[i]
        ? Image(
          width: width, height: height, channels: 1,
          pixels: Array(UnsafeBufferPointer(start: labels, count: height * width))) : nil,
      boxes: hasBoxes[i] ? found : nil)
  }
}
