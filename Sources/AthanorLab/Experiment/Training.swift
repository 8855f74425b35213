import AthanorCore
import AthanorData
import AthanorKernels
import AthanorTraining
import Foundation

/// What `athanor train` does: a run in a folder of its own.
public enum Training {
  /// What came of a run.
  public struct Outcome {
    public let folder: RunFolder
    public let history: History
    /// Whether it was stopped before its last epoch.
    public let wasStopped: Bool
    /// Whether there is a split to validate on; without one no checkpoint is the best.
    public let isValidated: Bool
  }

  /// Starts a run, or continues the one in `out`.
  ///
  /// - Parameters:
  ///   - config: the file, or nil for the built-in default; a run that is resumed has its own.
  ///   - out: the run's folder; nil for the next free `runs/NAME-N`.
  ///   - isStrict: whether a sample that cannot be read ends the run; else it is left out.
  ///   - shouldStop: asked after every step; true checkpoints and returns.
  ///
  /// Throws what reading the configuration and the data throws, `ClassMatchError` where the data's
  /// classes are no longer those of the run that is resumed, `TrainingError` for a loss that is
  /// not finite, `FileError` where the disk cannot be written, `RunFolderError` where another
  /// process writes to the folder.
  public static func run(
    config path: String?, overrides: [Override], out: String?, resume: Bool,
    isStrict: Bool = false, shouldStop: @escaping () -> Bool
  ) throws -> Outcome {
    let resumed = resume ? try existing(out) : nil
    var lock = try resumed.map { try FolderLock($0.path) }
    defer { lock?.release() }
    let checkpoint = try resumed.flatMap(Self.checkpoint(of:))
    let config = try ExperimentConfig(contentsOf: resumed?.config ?? path, overrides: overrides)
    let experiment = try Experiment(config, resuming: checkpoint)
    let trainer = try experiment.makeTrainer()
    let loader = try experiment.makeLoader(isStrict: isStrict)
    let folder = try resumed ?? RunFolder(creating: out, name: config.name)
    lock = try lock ?? FolderLock(folder.path)
    folder.removeLeftovers()
    if let checkpoint {
      guard let progress = checkpoint.progress else {
        throw RunFolderError(
          path: checkpoint.file, expected: "a checkpoint to go on from",
          received: "one that only holds weights")
      }
      try trainer.restore(checkpoint.tensors, progress, from: checkpoint.file)
    }
    try AtomicFile.write(experiment.config.yaml(), to: folder.config)
    let summary = RunSummary(experiment.config, in: folder, goesOn: checkpoint != nil)
    try summary.begin()
    let evaluator = try experiment.makeEvaluator(.val, isStrict: isStrict)
    let damaged = {
      loader.damaged.map { (Split.train, $0) } + (evaluator?.damaged ?? []).map { (.val, $0) }
    }
    let recorder = try RunRecorder(
      folder, experiment, validation: evaluator?.dataset, from: trainer.progress)
    Terminal.error.write("\(folder.path): \(describe(experiment, loader))\n")
    if evaluator == nil {
      Terminal.error.write("no split val: nothing is validated, and the last checkpoint counts\n")
    }
    try RunPictures.drawTraining(loader, experiment, in: folder)
    // Reads the samples once more than training does: not again when a run goes on.
    if resumed == nil {
      try drawing { try RunPictures.drawLabels(loader.dataset, experiment, in: folder) }
    }
    let logs = [loader.dataset.warnings] + (evaluator.map { [$0.dataset.warnings] } ?? [])
    let history = try trainer.fit(
      loader, validation: evaluator,
      callbacks: [ProgressReport(), WarningReport(logs, damaged: damaged), recorder],
      shouldStop: shouldStop)
    let stopped = trainer.progress.epoch < config.training.epochs
    try summary.end(history, of: trainer, stopped: stopped, damaged: damaged())
    try drawing { try RunPictures.drawResults(recorder, experiment, in: folder) }
    return Outcome(
      folder: folder, history: history, wasStopped: stopped, isValidated: evaluator != nil)
  }

  /// A run's `summary.json`.
  public static func summary(_ folder: RunFolder) throws -> String {
    try TextFile.read(folder.summary).trimmingCharacters(in: .newlines)
  }

  private static func existing(_ out: String?) throws -> RunFolder {
    guard let out else {
      throw SettingsError(
        key: "--resume", expected: "the run's folder by --out DIR", received: "no folder")
    }
    return try RunFolder(existing: out)
  }

  /// Where the run resumes from; nil where it was killed before its first checkpoint and begins
  /// again.
  private static func checkpoint(of folder: RunFolder) throws -> RunCheckpoint? {
    let path = folder.lastCheckpoint
    return FileManager.default.fileExists(atPath: path) ? try RunCheckpoint(path) : nil
  }

  private static func describe(_ experiment: Experiment, _ loader: Loader) -> String {
    let parameters = experiment.network.parameters.reduce(0) { $0 + $1.parameter.value.count }
    return "\(experiment.config.network.backbone), \(grouped(parameters)) parameters, "
      + "\(grouped(loader.dataset.count)) training samples, \(Threads.count) threads"
  }

  /// Draws where there is a gnuplot; a run is worth as much without figures.
  private static func drawing(_ draw: () throws -> Void) throws {
    do {
      try draw()
    } catch let failure as Gnuplot.Failure {
      Terminal.error.write("warning: \(failure)\n")
    }
  }
}
