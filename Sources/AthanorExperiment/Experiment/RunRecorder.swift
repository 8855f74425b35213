import AthanorCore
import AthanorData
import AthanorTasks
import AthanorTraining
import Foundation

/// Records a run while it trains: `steps.jsonl`, `history.csv`, TensorBoard events, checkpoints.
///
/// TensorBoard's settings have a separate file, which is rewritten where the run resumes with other
/// settings.
final class RunRecorder: Callback {
  private let folder: RunFolder
  private let experiment: Experiment
  private let description: RunCheckpoint.Description
  /// The data for the predictions that are shown; nil where there is no validation set.
  let validation: (any Dataset)?
  private let steps: StepLog
  private let events: EventFile
  private var records: [EpochRecord]
  private(set) var evaluation: Evaluation?
  /// The approximate number of sheets of validation predictions that a run writes to TensorBoard.
  static let sheets = 5

  /// `progress` is the point from which the run resumes: later lines of an earlier attempt are cut
  /// off.
  init(
    _ folder: RunFolder, _ experiment: Experiment, _ record: RunRecord,
    validation: (any Dataset)?, from progress: TrainingState.Progress
  ) throws {
    self.validation = validation
    self.folder = folder
    self.experiment = experiment
    description = RunCheckpoint.Description(
      config: experiment.config, classes: experiment.classes, record: record)
    records = progress.history.epochs
    steps = try StepLog(folder.steps, next: progress.step)
    let settings = try Hyperparameters(experiment.config)
    events = try EventFile(
      in: folder.events, resumingAfter: progress.step > 0 ? progress.step - 1 : nil)
    try EventFile.write(
      [
        .text("```yaml\n\(experiment.config.yaml())```\n", tag: "config"),
        Hyperparameters.experiment(of: [settings], experiment.objective.tasks.map(\.named)),
        settings.start(at: Date()),
      ], to: "\(folder.events)/\(EventFile.settingsName)")
    try writeHistory()
  }

  func onStepEnd(_ record: StepRecord) throws {
    try steps.append(record.json)
    var scalars: [(name: String, value: Double)] = [
      ("train/total", record.total), ("train/learning_rate", record.learningRate),
      ("train/milliseconds", record.milliseconds),
    ]
    for (prefix, values) in [
      ("loss", record.losses), ("weight", record.weights), ("sigma", record.sigmas ?? [:]),
      ("gradient_norm", record.gradientNorms ?? [:]), ("cosine", record.cosines ?? [:]),
    ] {
      scalars += values.sorted { $0.key < $1.key }.map { ("\(prefix)/\($0.key)", $0.value) }
    }
    try events.add(scalars, step: record.step)
  }

  func onEpochEnd(_ record: EpochRecord, evaluation: Evaluation?) throws {
    records.append(record)
    self.evaluation = evaluation ?? self.evaluation
    try writeHistory()
    var scalars: [(name: String, value: Double)] = record.metrics.sorted { $0.key < $1.key }
      .map { ("val/\($0.key)", $0.value) }
    if let score = record.score { scalars.append(("val/score", score)) }
    try events.add(scalars, step: record.step - 1)
    for (task, evaluation) in evaluation?.tasks ?? [] {
      for case .precisionRecall(_, let curves) in evaluation?.figures ?? [] {
        for curve in curves {
          try events.add(
            curve.curve, name: "val/pr/\(task.name)/\(curve.name)", step: record.step - 1)
        }
      }
    }
    let epochs = experiment.config.training.epochs
    guard record.epoch % max(1, epochs / Self.sheets) == 0 || record.epoch == epochs,
      let validation
    else { return }
    let sheet = try RunPictures.predictionSheet(validation, experiment)
    try events.add(sheet, name: "val/predictions", step: record.step - 1)
  }

  func onCheckpoint(_ state: TrainingState, best: Bool) throws {
    if best { try RunCheckpoint.writeWeights(state, description, to: folder.bestCheckpoint) }
    try RunCheckpoint.write(state, description, to: folder.lastCheckpoint)
  }

  /// Records for TensorBoard that the run has finished, or ended with an error, after this many
  /// updates. A run that resumes removes the entry.
  func end(succeeded: Bool, after steps: Int) throws {
    try events.add([Hyperparameters.end(succeeded: succeeded, at: Date())], step: steps)
  }

  private func writeHistory() throws {
    try AtomicFile.write(history.csv, to: folder.history)
  }

  /// `history.csv`: one row per epoch, with the same columns whatever was measured in the first
  /// epoch.
  var history: Table {
    let tasks = experiment.objective.balanced.map(\.name)
    let terms = Set(records.flatMap { $0.losses.keys }).subtracting(tasks).sorted()
    var measured = Set(records.flatMap { $0.metrics.keys })
    // A class without a value in any epoch has its column all the same.
    for task in experiment.objective.tasks {
      for metric in Set(measured.compactMap { Self.classMetric($0, of: task.name) }) {
        measured.formUnion(task.classes.names.map { "\(task.name)/\(metric)/\($0)" })
      }
    }
    let metrics = measured.sorted {
      ($0.count { $0 == "/" } > 1 ? 1 : 0, $0) < ($1.count { $0 == "/" } > 1 ? 1 : 0, $1)
    }
    var columns = ["epoch", "step", "total"]
    columns += (tasks + terms).map { "loss/\($0)" } + tasks.map { "weight/\($0)" }
    if records.contains(where: { $0.sigmas != nil }) { columns += tasks.map { "sigma/\($0)" } }
    columns += metrics.map { "val/\($0)" } + ["score", "learning_rate", "seconds"]
    var table = Table(columns: columns)
    for record in records {
      var row: [(column: String, value: JSON)] = [
        ("epoch", .integer(record.epoch)), ("step", .integer(record.step)),
        ("total", .number(record.total)), ("learning_rate", .number(record.learningRate)),
        ("seconds", .number(record.seconds)),
      ]
      row += record.losses.map { ("loss/\($0)", .number($1)) }
      row += record.weights.map { ("weight/\($0)", .number($1)) }
      row += (record.sigmas ?? [:]).map { ("sigma/\($0)", .number($1)) }
      row += record.metrics.map { ("val/\($0)", .number($1)) }
      if let score = record.score { row.append(("score", .number(score))) }
      table.append(row)
    }
    return table
  }
}

extension RunRecorder {
  /// `IoU` for `segmentation/IoU/car`; nil for a metric that is not of a class, or of another task.
  private static func classMetric(_ name: String, of task: String) -> String? {
    let parts = name.split(separator: "/", maxSplits: 2)
    return parts.count == 3 && parts[0] == task ? String(parts[1]) : nil
  }
}

extension StepRecord {
  /// A line of `steps.jsonl`.
  var json: JSON {
    func object(_ values: [String: Double]) -> JSON {
      .object(values.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .number($0.value)) })
    }
    var members = [
      JSON.Member("epoch", .integer(epoch)), JSON.Member("step", .integer(step)),
      JSON.Member("losses", object(losses)), JSON.Member("weights", object(weights)),
    ]
    if let sigmas { members.append(JSON.Member("sigmas", object(sigmas))) }
    members += [
      JSON.Member("total", .number(total)), JSON.Member("learningRate", .number(learningRate)),
    ]
    if let gradientNorms { members.append(JSON.Member("gradientNorms", object(gradientNorms))) }
    if let cosines { members.append(JSON.Member("cosines", object(cosines))) }
    return .object(members + [JSON.Member("milliseconds", .number(milliseconds))])
  }
}
