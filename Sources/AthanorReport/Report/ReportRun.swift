import AthanorCore
import AthanorExperiment
import AthanorTraining
import Foundation

/// A training run as described by its folder.
struct ReportRun: Sendable {
  /// The role of the run in a report.
  enum Role: String, Codable, Sendable {
    /// A way of training the tasks together, which is compared with others.
    case method
    /// A point of the front of fixed weights.
    case front
    /// One task trained alone, the baseline of Δm.
    case single
  }

  enum Status: String, Sendable {
    case finished, stopped, failed
    /// Has no recorded end: interrupted from outside, or still running.
    case unfinished
    /// Has no configuration: not started.
    case missing
    /// Finished, but another run of the same configuration and seed counts instead.
    case repeated
  }

  let id: String
  let path: String
  var role: Role
  private(set) var status: Status
  /// Why there is no result; nil for a finished run.
  private(set) var reason: String?
  /// The label of its method in the plan of an ablation; nil where no plan gives one.
  let label: String?
  /// Nil where it is missing or cannot be read.
  let config: ExperimentConfig?
  let keys: ConfigKeys?
  let seed: Int?
  /// The settings of each stretch of the training; empty where there is no `summary.json`.
  let segments: [RunRecord.Segment]
  /// What must be equal for two runs to be compared; nil where there is no `summary.json`.
  let conditions: RunConditions?
  /// When training ended; nil where it has not ended or the time is not recorded.
  let ended: String?
  let curves: StepCurves
  var values: [Measure: Double] = [:]
  /// The values of each class.
  var perClass: [(measure: ClassMeasure, values: [(name: String, value: Double?)])] = []
  /// The epoch of the checkpoint, chosen on val.
  private(set) var bestEpoch: Int?

  var isFinished: Bool { status == .finished }
  var machines: [Machine] { segments.map(\.machine) }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Reads a run's folder; `status` and `reason` say what is missing or wrong there.
  ///
  /// - Parameter lastEpochs: The number of last epochs whose mean is taken beside the best epoch.
  init(id: String, path: String, role: Role?, label: String? = nil, lastEpochs: Int) {
    self.id = id
    self.path = path
    self.label = label
    var problem: String?
    let history = try? Table(contentsOf: "\(path)/history.csv")
    do {
      let config = try ExperimentConfig(contentsOf: "\(path)/config.yaml")
      let checkpoints = Self.checkpoints(of: path)
      try Self.check(config, of: path, against: checkpoints)
      try Self.check(history, of: path, against: checkpoints)
      (self.config, keys) = (config, try ConfigKeys(config))
    } catch {
      (config, keys, problem) = (nil, nil, "\(error)")
    }
    seed = config?.seed
    self.role = role ?? (config?.tasks.count == 1 ? .single : .method)
    let summary = try? JSON(contentsOf: "\(path)/summary.json")
    let failure = try? JSON(contentsOf: "\(path)/failure.json")
    let epochs = history?.rows.count ?? 0
    let progress = "after \(epochs) of \(config?.training.epochs ?? epochs) epochs"
    let isWhole = summary?["status"]?.string == "finished"
    if let failure, !isWhole {
      (status, reason) = (.failed, failure["reason"]?.string ?? "failed without a reason")
    } else if !FileManager.default.fileExists(atPath: "\(path)/config.yaml") {
      (status, reason) = (.missing, "not started")
    } else if let problem {
      (status, reason) = (.failed, problem)
    } else if isWhole {
      (status, reason) = (.finished, nil)
    } else if summary?["status"]?.string == "stopped" {
      (status, reason) = (.stopped, "stopped \(progress)")
    } else if summary?["status"]?.string == "failed" {
      (status, reason) = (.failed, summary?["reason"]?.string ?? "failed without a reason")
    } else {
      let state = FolderLock.isHeld(path) ? "under way" : "ended from outside"
      (status, reason) = (.unfinished, "\(state) \(progress)")
    }
    segments = summary.map(RunRecord.Segment.all) ?? []
    if let summary, let config {
      conditions = RunConditions(summary, config)
    } else {
      conditions = nil
    }
    ended = summary?["ended"]?.string
    curves = StepCurves(contentsOf: "\(path)/steps.jsonl", tasks: keys?.recorded ?? [])
    values[.stepTime] = curves.millisecondsPerStep
    values[.peakMemory] = summary?["peakTensorBytes"]?.number.map { $0 / 0x1p20 }
    values[.backwardPasses] = summary?["backwardPasses"]?.number
    if let history { take(history, lastEpochs) }
  }

  /// The headers of the last and the best checkpoint; one that is missing or cannot be read is left
  /// out.
  private static func checkpoints(of path: String) -> [SafeTensors] {
    ["last", "best"].compactMap { try? SafeTensors("\(path)/checkpoints/\($0).safetensors") }
  }

  /// Throws where `config.yaml` differs from the configuration that a checkpoint was trained with.
  private static func check(
    _ config: ExperimentConfig, of path: String, against checkpoints: [SafeTensors]
  ) throws {
    for checkpoint in checkpoints {
      let file = checkpoint.path
      guard let text = checkpoint.metadata["config"],
        let trained = try? ExperimentConfig(yaml: text, name: file).resolved(),
        let (key, received, expected) = try config.resolved().difference(from: trained)
      else { continue }
      throw SettingsError(
        file: "\(path)/config.yaml", key: key,
        expected: "\(expected ?? "nothing"), as \(file) was trained",
        received: received ?? "nothing")
    }
  }

  /// Throws where `history.csv` disagrees about an epoch with the last checkpoint, the only
  /// checkpoint that stores the progress.
  private static func check(
    _ history: Table?, of path: String, against checkpoints: [SafeTensors]
  ) throws {
    guard let last = checkpoints.first(where: { $0.metadata["progress"] != nil }),
      let text = last.metadata["progress"],
      let epochs = try? JSONDecoder().decode(TrainingState.Progress.self, from: Data(text.utf8))
        .history.epochs, !epochs.isEmpty
    else { return }
    let file = last.path
    let table = "\(path)/history.csv"
    guard let history, history.rows.count >= epochs.count else {
      throw ContentError(
        path: table, expected: "a row for each of \(epochs.count) epochs, as \(file) has them",
        received: history.map { "\($0.rows.count)" } ?? "no table")
    }
    let metrics = Set(epochs.flatMap(\.metrics.keys)).sorted()
    let columns: [(String, (EpochRecord) -> Double?)] =
      [("score", { $0.score })] + metrics.map { name in ("val/\(name)", { $0.metrics[name] }) }
    for (column, value) in columns {
      let written = history.numbers(column)
      for (i, epoch) in epochs.enumerated() {
        let found = written.indices.contains(i) ? written[i] : nil
        guard found != value(epoch) else { continue }
        throw ContentError(
          path: table,
          expected: "\(column) of epoch \(epoch.epoch) to be \(words(value(epoch))), as \(file) "
            + "has it", received: words(found))
      }
    }
  }

  private static func words(_ value: Double?) -> String { value.map { "\($0)" } ?? "nothing" }

  /// Marks this run as repeated, with another run counting instead.
  mutating func giveWay(to other: ReportRun) {
    guard isFinished else { return }
    (status, reason) = (.repeated, "the configuration and seed of \(other.id), which counts")
  }

  /// Reads the best epoch's metrics on val, and the mean of the last epochs that were evaluated.
  private mutating func take(_ history: Table, _ lastEpochs: Int) {
    let scores = history.numbers("score").map { $0.flatMap { $0.isFinite ? $0 : nil } }
    let best = scores.indices.filter { scores[$0] != nil }.max {
      (scores[$0]!, $1) < (scores[$1]!, $0)
    }
    values[.score] = best.flatMap { scores[$0] }
    let epochs = history.numbers("epoch")
    if let best, epochs.indices.contains(best) {
      bestEpoch = epochs[best].flatMap { Int(exactly: $0) }
    }
    for task in keys?.tasks ?? [] {
      let column = history.numbers("val/\(task.qualified(task.headline))")
      if let best, column.indices.contains(best) {
        values[.metric(task.headline, of: task, .best)] = column[best]
      }
      values[.metric(task.headline, of: task, .last)] =
        Spread(column.compactMap(\.self).suffix(lastEpochs))?.mean
    }
  }
}
