import AthanorCore
import AthanorData
import AthanorKernels
import AthanorTraining
import Foundation

/// `summary.json`: the status of a run, the data and settings of its training, and its results.
///
/// It is written when the run begins, as unfinished, so that the settings of a killed run are
/// known; and again when it ends, as finished, stopped or failed. It is valid without a live
/// process: whether there is one, the folder's lock shows.
struct RunSummary {
  private let folder: RunFolder
  private let config: ExperimentConfig
  private let classes: DataClasses
  private let record: RunRecord

  init(
    _ config: ExperimentConfig, _ classes: DataClasses, _ record: RunRecord, in folder: RunFolder
  ) {
    (self.folder, self.config, self.classes, self.record) = (folder, config, classes, record)
  }

  /// Throws `FileError`.
  func begin() throws { try write("unfinished", []) }

  /// Runs `body`, and records an error that it throws.
  func failing<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch {
      // The disk may be the cause; the original error is more important.
      try? write("failed", [.init("reason", .string("\(error)"))])
      throw error
    }
  }

  /// `best` is null where nothing was validated: then the last checkpoint is used, as `checkpoint`
  /// says.
  ///
  /// Throws `FileError`.
  func end(
    _ history: History, of trainer: Trainer, stopped: Bool, damaged: [(Split, DamagedSample)]
  ) throws {
    func object(_ record: EpochRecord?) -> JSON {
      guard let record else { return .null }
      return .object(
        [JSON.Member("epoch", .integer(record.epoch))]
          + record.metrics.filter { $0.key.count { $0 == "/" } == 1 }.sorted { $0.key < $1.key }
          .map { JSON.Member($0.key, .number($0.value)) }
      )
    }
    let seconds = history.epochs.reduce(0) { $0 + $1.seconds }
    let steps = history.epochs.last?.step ?? 0
    try write(
      stopped ? "stopped" : "finished",
      [
        .init("ended", .string(ISO8601DateFormatter().string(from: Date()))),
        .init("epochs", .integer(history.epochs.count)), .init("steps", .integer(steps)),
        .init("trainingSeconds", .number(seconds)),
        .init("millisecondsPerStep", .number(steps > 0 ? 1000 * seconds / Double(steps) : 0)),
        .init(
          "peakTensorBytes", .integer(max(trainer.progress.peakBytes ?? 0, Allocator.peakBytes))),
        .init("backwardPasses", .integer(trainer.backwardPasses)),
        .init("checkpoint", .string(history.best == nil ? "last" : "best")),
        .init("best", object(history.best)), .init("last", object(history.epochs.last)),
        .init(
          "damaged",
          .array(
            damaged.map { split, damage in
              [
                "split": .string(split.rawValue), "sample": .string(damage.name),
                "error": .string("\(damage.error)"),
              ]
            })),
      ])
  }

  private func write(_ status: String, _ results: [JSON.Member]) throws {
    func names(_ names: [String]) -> JSON { .array(names.map { .string($0) }) }
    let members: [JSON.Member] = [
      .init("name", .string(config.name)), .init("seed", .integer(config.seed)),
      .init("status", .string(status)), .init("threads", .integer(Threads.count)),
      .init(
        "data",
        [
          "place": .string(config.data.place),
          "classes": .object(
            classes.labels.sorted { $0.key < $1.key }.map { .init($0.key, names($0.value.names)) }),
          "splits": .array(record.splits.map(\.json)),
        ]),
      .init("segments", .array(record.segments.map(\.json))),
    ]
    try AtomicFile.write(JSON.object(members + results).compact + "\n", to: folder.summary)
  }
}
