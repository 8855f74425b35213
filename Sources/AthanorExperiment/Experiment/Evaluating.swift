import AthanorCore
import AthanorData
import AthanorMetrics
import AthanorNetworks
import AthanorTasks
import AthanorTensor
import AthanorTraining
import AthanorVision
import Foundation

/// The implementation of `athanor eval`: measures a checkpoint on a split of its own data, or of
/// other data.
public struct Evaluating {
  /// The path of a run or a checkpoint.
  public var path: String
  /// The split; nil: val, or the only split there is.
  public var split: Split?
  /// A folder, or a configuration whose data are used; nil: the run's own data.
  public var data: String?
  /// The layout of the folder; nil: detected from its content.
  public var layout: String?
  /// Overrides of the run's configuration, including options of the data.
  public var overrides: [Override] = []
  /// The folder that `detections.json` and `truth.json` are written to.
  public var out: String?
  /// Whether files there that athanor did not write are overwritten.
  public var force = false
  /// The text before the progress bar.
  public var title: String?

  public init(_ path: String, split: Split? = nil) {
    self.path = path
    self.split = split
  }

  /// The result of the evaluation.
  public struct Outcome {
    public let evaluation: Evaluation
    public let split: Split
    /// The data that were used.
    public let data: String
    public let checkpoint: String
    /// The checkpoint's classes; the numbers are in their order.
    public let classes: DataClasses
    /// The version of the data; nil where other data than the run's own were used.
    public let fingerprint: SplitFingerprint?
    /// What readers of the numbers must know.
    public let warnings: [String]
  }

  /// Evaluates the checkpoint and writes the requested files. `visit` receives each sample with its
  /// prediction.
  ///
  /// Errors: throws `ClassMatchError` where the data's classes are not the checkpoint's,
  /// `SettingsError` for a split that does not exist, and the errors of reading the files.
  public func run(
    visit: (Evaluator.Result, [RunTask]) throws -> Void = { _, _ in }
  ) throws -> Outcome {
    let checkpoint = try RunCheckpoint(try Checkpoints.locate(path))
    let config = try configuration(of: checkpoint)
    let tasks = try checkpoint.makeTasks(config)
    let network = try checkpoint.makeNetwork(config)
    let boxTasks = tasks.filter { $0.labelKind == .boxes }
    guard out == nil || !boxTasks.isEmpty else {
      throw SettingsError(
        key: "out", expected: "a run with a task that finds boxes: COCO's files hold them",
        received: "tasks [\(config.tasks.names.joined(separator: ", "))]")
    }
    let isOwn = data == nil && !overrides.contains { $0.path.first == "data" }
    let source = try checkpoint.matched(
      datasets.make(config.data, at: "data"), config.data.place, isOwn ? .own : .other)
    let split = try chosenSplit(of: source, config.data.place)
    let dataset = try source.open(split)
    if let out {
      var outputs = OutputFiles(
        inputs: [checkpoint.file] + (0..<dataset.count).compactMap(dataset.file(at:)), force: force)
      try outputs.claim(boxTasks.flatMap(COCOFiles.names), in: out)
    }
    let fingerprint = try isOwn ? SplitFingerprint(split, in: source, config.data) : nil
    let warnings = fingerprint.map { checkpoint.warnings(of: $0, config.data.place) } ?? []
    for warning in warnings { monitor.warn("\(warning)") }
    let bar = monitor.begin(title ?? "evaluate \(split)", total: dataset.count, unit: "image")
    defer { bar.finish() }
    let evaluator = Evaluator(network, tasks, dataset, config.input)
    var files = out == nil ? [] : boxTasks.map { COCOFiles($0, dataset) }
    let evaluation = try evaluator(
      progress: { bar.update($0) },
      visit: {
        for i in files.indices { files[i].add($0) }
        try visit($0, tasks)
      })
    bar.finish()
    for damage in evaluator.damaged {
      monitor.warn("\(damage.name) left out: \(damage.error)")
    }
    guard !evaluation.isEmpty else {
      throw ContentError(
        path: config.data.place,
        expected: "labels in \(split) for \(config.tasks.names.joined(separator: " or "))",
        received: "none")
    }
    if let out { for file in files { try file.write(to: out) } }
    return Outcome(
      evaluation: evaluation, split: split, data: config.data.place, checkpoint: checkpoint.file,
      classes: checkpoint.classes, fingerprint: fingerprint, warnings: warnings)
  }

  /// The run's configuration with the requested data and overrides.
  private func configuration(of checkpoint: RunCheckpoint) throws -> ExperimentConfig {
    var config = checkpoint.config
    if let data { config.data = try DataLocation(data, layout: layout).selection }
    return try config.applying(overrides)
  }

  /// The requested split; without a request val, or the only split there is.
  private func chosenSplit(of source: any DataSource, _ name: String) throws -> Split {
    let there = try source.filledSplits()
    if there.contains(split ?? .val) { return split ?? .val }
    if split == nil, there.count == 1 {
      monitor.note("\(name): no split val; measured on \(there[0]), the only one")
      return there[0]
    }
    let names = there.map(\.rawValue).joined(separator: ", ")
    throw SettingsError(
      key: "split",
      expected: there.isEmpty ? "data with samples" : "a split of \(name) with samples (\(names))",
      received: "'\(split ?? .val)'")
  }
}

extension RunCheckpoint {
  /// Warns where a split of the run's own data is another version than at training.
  fileprivate func warnings(of split: SplitFingerprint, _ place: String) -> [String] {
    guard let record, !record.splits.isEmpty else { return [] }
    let trained = record.splits.filter { $0.split == split.split }
    return SplitFingerprint.differences(trained, [split]).map {
      "\(place): the run was trained beside \($0.expected), and this is \($0.received)"
    }
  }
}

extension DataSource {
  /// The splits that hold samples.
  package func filledSplits() throws -> [Split] { try splits().filter { try open($0).count > 0 } }
}

/// Resolves the RUN or CHECKPOINT of a command line.
public enum Checkpoints {
  /// The checkpoint file itself, or a run's best checkpoint; its last one, with a note, where there
  /// is no best.
  public static func locate(_ path: String) throws -> String {
    guard !path.hasSuffix(".safetensors") else { return path }
    let (run, checkpoint) = try RunFolder.locate(path)
    if checkpoint == run.lastCheckpoint {
      monitor.note(
        "\(path): no best checkpoint (never validated, or its file is gone); the last one counts")
    }
    return checkpoint
  }
}
