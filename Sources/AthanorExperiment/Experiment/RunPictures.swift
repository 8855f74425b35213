import AthanorCore
import AthanorData
import AthanorTasks
import AthanorTraining
import AthanorVision
import Foundation

/// The pictures of a run folder, under their usual names.
package enum RunPictures {
  private static let samplesShown = 8
  /// The least length in pixels of a picture's longer side on a sheet.
  package static let side = 256
  /// The least score of a box that is drawn: less certain boxes clutter a picture.
  package static let drawnScore: Float = 0.4

  /// `train_batch0.png`: the first batch as the network receives it, augmented, with its labels.
  static func drawTraining(
    _ loader: Loader, _ experiment: Experiment, in folder: RunFolder
  ) throws {
    guard loader.batchesPerEpoch > 0 else { return }
    let batch = try loader.batch(epoch: 0, step: 0)
    var sheet = contactSheet(experiment.objective.tasks)
    for i in 0..<min(samplesShown, batch.count) {
      let sample = batch.sample(i, experiment.format)
      sheet.add(picture(sample, experiment.objective.tasks), caption: sample.name)
    }
    try sheet.render().write(to: folder.file("train_batch0.png"))
  }

  /// `labels.png`: statistics of the training labels.
  static func drawLabels(
    _ dataset: any Dataset, _ experiment: Experiment, in folder: RunFolder
  ) throws {
    let statistics = try LabelStatistics(of: dataset)
    try LabelsFigure(statistics, experiment.classes).draw(to: folder.file("labels.png"))
  }

  /// `results.png`, `confusion_matrix.png`, `pr_curve.png`, and the first validation samples with
  /// their labels and with their predictions.
  static func drawResults(
    _ recorder: RunRecorder, _ experiment: Experiment, in folder: RunFolder
  ) throws {
    if let validation = recorder.validation {
      try labelSheet(validation, experiment).write(to: folder.file("val_batch0_labels.png"))
      try predictionSheet(validation, experiment).write(to: folder.file("val_batch0_pred.png"))
    }
    let table = recorder.history
    if !table.rows.isEmpty {
      try HistoryFigure(table, panels: panels(table, experiment.objective))
        .draw(to: folder.file("results.png"))
    }
    var drawn: Set<String> = []
    for (task, evaluation) in recorder.evaluation?.tasks ?? [] {
      for figure in evaluation?.figures ?? [] {
        // The first figure of a kind has the usual name.
        let isFirst = drawn.insert(figure.fileName).inserted
        let name = isFirst ? figure.fileName : "\(task.name)_\(figure.fileName)"
        try figure.draw(
          to: folder.file(name), of: task.isCalledAsType ? nil : task.name)
      }
    }
  }

  /// The panels of `results.png`.
  private static func panels(_ table: Table, _ objective: Objective) -> [HistoryFigure.Panel] {
    let balanced = objective.balanced.map(\.name)
    var panels = [
      HistoryFigure.Panel("losses", balanced.map { "loss/\($0)" }, scale: .logarithmic)
    ]
    for task in objective.tasks {
      let terms = table.columns.filter {
        $0.hasPrefix("loss/\(task.name).") && !balanced.contains(String($0.dropFirst(5)))
      }
      panels.append(.init("\(task.name) terms", terms, scale: .logarithmic))
    }
    panels.append(.init("task weights", balanced.map { "weight/\($0)" }))
    for task in objective.tasks {
      let (shares, errors) = (
        task.metrics.filter { $0.place >= .history && $0.scale == .share },
        task.metrics.filter { $0.place >= .history && $0.scale != .share }
      )
      for (metrics, scale) in [(errors, HistoryFigure.Scale.linear), (shares, .share)] {
        panels.append(
          .init(
            "\(task.name) (val)", metrics.map { "val/\(task.named.qualified($0))" }, scale: scale,
            of: task.name))
      }
    }
    return panels + [.init("learning rate", ["learning_rate"])]
  }

  /// The first validation samples with their labels.
  private static func labelSheet(_ dataset: any Dataset, _ experiment: Experiment) throws -> Image {
    var sheet = contactSheet(experiment.objective.tasks)
    for sample in try firstSamples(dataset) {
      sheet.add(picture(sample, experiment.objective.tasks), caption: sample.name)
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

  /// The first validation samples with the network's current predictions.
  static func predictionSheet(_ dataset: any Dataset, _ experiment: Experiment) throws -> Image {
    let samples = try firstSamples(dataset)
    let predictor = Predictor(
      experiment.network, experiment.objective.tasks, experiment.format, minimumScore: 0.2)
    var sheet = contactSheet(experiment.objective.tasks)
    for (sample, prediction) in zip(samples, try predictor(samples.map(\.image))) {
      let image = picture(
        prediction, on: sample.image, experiment.objective.tasks, atLeast: side)
      sheet.add(image, caption: sample.name)
    }
    return sheet.render()
  }

  /// A sample with the labels that the tasks read, at a size of `side` pixels or more.
  package static func picture(_ sample: Sample, _ tasks: [RunTask]) -> Image {
    drawn(sample.enlarged(to: side), labels(of: tasks))
  }

  /// An image with its predictions, at its own size or at `side` pixels or more: boxes with a score
  /// of `drawnScore` or more; of boxes that cover each other, only the best, regardless of class.
  package static func picture(
    _ prediction: Prediction, on image: Image, _ tasks: [RunTask], atLeast side: Int = 0,
    above threshold: Float = drawnScore
  ) -> Image {
    let labels = prediction.mapValues { label -> Label in
      label.boxes.map { .boxes(shown($0, above: threshold)) } ?? label
    }
    return drawn(
      Sample(name: "", image: image, labels: labels).enlarged(to: side), predictions(of: tasks))
  }

  /// The labels of a sample that can be drawn, in the tasks' order.
  private typealias Drawable = [(name: String, classes: LabelClasses)]

  private static func labels(of tasks: [RunTask]) -> Drawable {
    tasks.reduce(into: []) { labels, task in
      if !labels.contains(where: { $0.name == task.label }) {
        labels.append((task.label, task.classes))
      }
    }
  }

  private static func predictions(of tasks: [RunTask]) -> Drawable {
    tasks.map { ($0.name, $0.classes) }
  }

  /// Two masks over one image cannot be distinguished: those after the first are drawn in separate
  /// pictures.
  private static func furtherMasks(_ drawable: Drawable) -> Drawable {
    Array(drawable.filter { $0.classes.kind == .mask }.dropFirst())
  }

  /// The image with its labels; beside it its maps and the `furtherMasks`. A missing map is drawn
  /// black, so that every map stays in its column.
  private static func drawn(_ sample: Sample, _ drawable: Drawable) -> Image {
    let (width, height) = (sample.image.width, sample.image.height)
    let further = furtherMasks(drawable)
    var (whole, classes) = (sample, DataClasses(labels: [:]))
    for (name, own) in drawable where !further.contains(where: { $0.name == name }) {
      classes.labels[name] = own
      guard own.kind.isMap, sample.labels[name] == nil else { continue }
      whole.labels[name] = .map(
        DenseMap(
          width: width, height: height, channels: 1,
          values: [Float](repeating: .nan, count: width * height)))
    }
    let first = whole.drawn(classes)
    var row = Image(width: first.width + further.count * width, height: height, channels: 3)
    row.paste(first, x: 0, y: 0)
    for (i, (name, own)) in further.enumerated() {
      let own = sample.keeping([name]).drawn(DataClasses(labels: [name: own]))
      row.paste(own, x: first.width + i * width, y: 0)
    }
    return row
  }

  /// A sheet of such pictures: the wider they are, the fewer per row. Labels and predictions have
  /// the same layout.
  private static func contactSheet(_ tasks: [RunTask]) -> ContactSheet {
    let drawable = predictions(of: tasks)
    let maps = drawable.count { $0.classes.kind.isMap }
    let widths = 1 + maps + furtherMasks(drawable).count
    return ContactSheet(columns: min(4, max(1, 6 / widths)))
  }

  private static func shown(_ label: BoxLabel, above threshold: Float) -> BoxLabel {
    let scores = label.scores ?? []
    let sure = label.boxes.indices.filter { scores[$0] >= threshold }
    let places = sure.map { i in
      var box = label.boxes[i]
      box.label = 0
      return box
    }
    let kept = NonMaximumSuppression.kept(
      of: places, scores: sure.map { scores[$0] }, threshold: 0.5)
    // The best box comes last, so that it is drawn on top of the others.
    let order = kept.reversed().map { sure[$0] }
    return BoxLabel(order.map { label.boxes[$0] }, scores: order.map { scores[$0] })
  }
}

extension Label.Kind {
  fileprivate var isMap: Bool { [.depth, .normals, .map].contains(self) }
}

extension EvaluationFigure {
  /// Draws the figure. Throws `Gnuplot.Failure`.
  ///
  /// - Parameter task: The text before the title.
  func draw(to path: String, of task: String? = nil) throws {
    let prefix = task.map { "\($0): " } ?? ""
    switch self {
    case .confusion(let title, let classes, let counts):
      try ConfusionFigure(title: prefix + title, names: classes, counts: counts).draw(to: path)
    case .precisionRecall(let title, let curves):
      try PrecisionRecallFigure(
        title: prefix + title,
        curves: curves.map {
          PrecisionRecallFigure.Curve(
            name: $0.name, ap: $0.curve.averagePrecision, precision: $0.curve.precisions)
        }
      ).draw(to: path)
    }
  }
}
