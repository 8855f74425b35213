import AthanorCore
import AthanorData
import AthanorKernels
import AthanorTraining
import Foundation

/// The implementation of `athanor train`: a run in its own folder.
public enum Training {
  /// The exit code of a run that was stopped and can be resumed.
  public static let stoppedStatus: Int32 = 75

  /// The result of a run.
  public struct Outcome {
    public let folder: RunFolder
    public let history: History
    /// Whether it was stopped before its last epoch.
    public let wasStopped: Bool

    /// Existing files that are worth a first look: pictures, or else the folder itself.
    public var pictures: [String] {
      let there = ["results.png", "val_batch0_pred.png", "train_batch0.png"].map(folder.file)
        .filter { FileManager.default.fileExists(atPath: $0) }
      return there.isEmpty ? [folder.path] : Array(there.prefix(2))
    }
  }

  /// Starts a run, or resumes the one in `out`.
  ///
  /// - `path`: The configuration; nil for the built-in default, or for that of the resumed
  ///   run.
  /// - `out`: The run's folder; nil for the next free `runs/NAME-N`.
  /// - `isStrict`: Whether a sample that cannot be read is an error; otherwise it is left out.
  /// - `shouldStop`: Called after every step; when it returns true, a checkpoint is written and the
  ///   run stops.
  /// - `callbacks`: Makes further callbacks, once the tasks are known.
  ///
  /// The folder is created after data, network and settings have been opened; a failed start leaves
  /// no folder.
  ///
  /// Throws the errors of reading the configuration and the data; `SettingsError`, `ContentError`
  /// or `ClassMatchError` where settings, data or classes are not those of the run that is resumed;
  /// `TrainingError` for a loss that is not finite; `FileError` where the disk cannot be written;
  /// `ContentError` where another process writes to the folder.
  public static func run(
    config path: String?, overrides: [Override], out: String?, resume: Bool,
    isStrict: Bool = false, shouldStop: @escaping () -> Bool,
    callbacks: (Objective) -> [any Callback] = { _ in [] }
  ) throws -> Outcome {
    let resumed = resume ? try existing(out) : nil
    var lock = try resumed.map { try FolderLock($0.path) }
    defer { lock?.release() }
    let resuming = try resumed.map { try Resuming($0) }
    let config = try ExperimentConfig(contentsOf: path ?? resumed?.config, overrides: overrides)
    try resuming?.check(config.resolved())
    let experiment =
      try resumed?.explainingDamage { try Experiment(config, resuming: resuming?.checkpoint) }
      ?? Experiment(config)
    let trainer = try experiment.makeTrainer(shouldStop: shouldStop)
    let loader = try experiment.makeLoader(isStrict: isStrict)
    guard trainer.updates(of: loader.batchesPerEpoch) > 0 else { throw TrainingError.noSamples }
    let evaluator = try experiment.makeEvaluator(.val, isStrict: isStrict)
    let splits = try experiment.fingerprints(isStrict: isStrict, shouldStop: shouldStop)
    try resuming?.check(splits, at: config.data.place)
    if let resuming, let checkpoint = resuming.checkpoint {
      try resuming.folder.explainingDamage {
        try checkpoint.restore(trainer, batchesPerEpoch: loader.batchesPerEpoch)
      }
      if let outcome = finished(resuming, trainer) { return outcome }
      try resuming.checkBest()
    }
    let folder = try resumed ?? RunFolder(creating: out, name: config.name)
    let (before, start) = (folder.records, trainer.progress)
    do {
      lock = try lock ?? FolderLock(folder.path)
      folder.removeLeftovers()
      let record = record(of: experiment, splits, resuming, trainer, loader)
      let summary = RunSummary(experiment.config, experiment.classes, record, in: folder)
      try AtomicFile.write(experiment.config.yaml(), to: folder.config)
      try summary.begin()
      return try summary.failing {
        try train(
          experiment, trainer, loader, evaluator, record, summary, in: folder,
          isResumed: resuming != nil, shouldStop: shouldStop, callbacks(experiment.objective))
      }
    } catch  where trainer.progress == start {
      // No update was made: the same command works once the cause of the error is removed.
      if resumed == nil { folder.discard() } else { folder.restore(before) }
      throw error
    }
  }

  private static func train(
    _ experiment: Experiment, _ trainer: Trainer, _ loader: Loader, _ evaluator: Evaluator?,
    _ record: RunRecord, _ summary: RunSummary, in folder: RunFolder, isResumed: Bool,
    shouldStop: @escaping () -> Bool, _ callbacks: [any Callback]
  ) throws -> Outcome {
    let damaged = {
      loader.damaged.map { (Split.train, $0) } + (evaluator?.damaged ?? []).map { (.val, $0) }
    }
    let recorder = try RunRecorder(
      folder, experiment, record, validation: evaluator?.dataset, from: trainer.progress)
    monitor.note("\(folder.path): \(describe(experiment, loader))")
    if let warning = try experiment.config.memoryWarning(
      training: loader.dataset.count, experiment.objective.tasks)
    {
      monitor.warn("\(warning)")
    }
    if evaluator == nil {
      monitor.note("no split val: nothing is validated, and the last checkpoint counts")
    }
    try RunPictures.drawTraining(loader, experiment, in: folder)
    // This reads the samples once more than training does, so it is skipped when a run resumes.
    if !isResumed {
      try drawing { try RunPictures.drawLabels(loader.dataset, experiment, in: folder) }
    }
    let logs = [loader.dataset.warnings] + (evaluator.map { [$0.dataset.warnings] } ?? [])
    let history: History
    do {
      history = try trainer.fit(
        loader, validation: evaluator,
        callbacks: callbacks + [WarningReport(logs, damaged: damaged), recorder],
        shouldStop: shouldStop)
    } catch {
      // The disk may be the cause; the original error is more important.
      try? recorder.end(succeeded: false, after: trainer.progress.step)
      throw error
    }
    let stopped = trainer.progress.epoch < experiment.config.training.epochs
    if !stopped { try recorder.end(succeeded: true, after: trainer.progress.step) }
    try summary.end(history, of: trainer, stopped: stopped, damaged: damaged())
    try drawing { try RunPictures.drawResults(recorder, experiment, in: folder) }
    return Outcome(folder: folder, history: history, wasStopped: stopped)
  }

  /// The run's record from now on; a jump of the learning rate is printed.
  private static func record(
    of experiment: Experiment, _ splits: [SplitFingerprint], _ resuming: Resuming?,
    _ trainer: Trainer, _ loader: Loader
  ) -> RunRecord {
    var record = resuming?.record ?? RunRecord(splits: splits, segments: [])
    record.splits = splits
    let progress = trainer.progress
    var segment = RunRecord.Segment(
      epoch: progress.epoch, step: progress.step, epochs: experiment.config.training.epochs,
      data: experiment.config.data.place, machine: .current)
    if let before = record.segments.last?.epochs, before > 0, progress.step > 0 {
      let rates = [before, segment.epochs].map {
        trainer.learningRate(at: progress.step, epochs: $0, batches: loader.batchesPerEpoch)
      }
      segment.restartsSchedule = abs(rates[0] - rates[1]) > 1e-9 * max(rates[0], rates[1])
      if segment.restartsSchedule {
        monitor.warn(
          "schedule '\(experiment.config.schedule.name)' is spread over "
            + "\(segment.epochs) epochs now, and was over \(before): the learning rate goes on at "
            + "\(digits(rates[1])) where it would have been \(digits(rates[0]))")
      }
    }
    return record.adding(segment)
  }

  private static func digits(_ rate: Double) -> String { String(format: "%.3g", rate) }

  /// A run that has trained all its epochs and is recorded as finished is left unchanged.
  private static func finished(_ resuming: Resuming, _ trainer: Trainer) -> Outcome? {
    let status = (try? JSON(contentsOf: resuming.folder.summary))?["status"]?.string
    guard trainer.progress.epoch == trainer.options.epochs, status == "finished" else { return nil }
    monitor.note(
      "\(resuming.folder.path): all \(trainer.options.epochs) epochs are trained; nothing to do")
    return Outcome(
      folder: resuming.folder, history: trainer.progress.history, wasStopped: false)
  }

  /// The content of a run's `summary.json`.
  public static func summary(_ folder: RunFolder) throws -> String {
    try TextFile.read(folder.summary).trimmingCharacters(in: .newlines)
  }

  private static func existing(_ out: String?) throws -> RunFolder {
    guard let out else {
      throw SettingsError(
        key: "out", expected: "the folder of the run to resume", received: "no folder")
    }
    return try RunFolder(existing: out)
  }

  private static func describe(_ experiment: Experiment, _ loader: Loader) -> String {
    let parameters = experiment.network.parameters().reduce(0) { $0 + $1.parameter.value.count }
    return "\(experiment.config.network.backbone.name), \(grouped(parameters)) parameters, "
      + "\(grouped(loader.dataset.count)) training samples, "
      + "\(Threads.count) thread\(Threads.count == 1 ? "" : "s")"
  }

  /// Draws where gnuplot is available; a run without figures is still valid.
  private static func drawing(_ draw: () throws -> Void) throws {
    do {
      try draw()
    } catch let failure as Gnuplot.Failure {
      monitor.warn("\(failure)")
    }
  }
}
