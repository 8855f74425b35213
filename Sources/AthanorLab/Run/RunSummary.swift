import AthanorCore
import AthanorData
import AthanorKernels
import AthanorTraining
import Foundation

/// `summary.json`: how far a run is, with what it was trained, and what came of it.
///
/// It is written when the run begins, so that one that fails or is killed still says with what it
/// was trained, and again at its end.
struct RunSummary {
  private let folder: RunFolder
  private let name: String
  private let seed: Int
  /// Each once, in the order in which they trained the run.
  private let machines: [Machine]

  /// - Parameter goesOn: Whether the run resumes from a checkpoint; the machines so far stay then.
  init(_ config: ExperimentConfig, in folder: RunFolder, goesOn: Bool) {
    self.folder = folder
    (name, seed) = (config.name, config.seed)
    let earlier = (try? JSON(contentsOf: folder.summary)).map(Machine.all) ?? [Machine()]
    let kept = goesOn ? earlier : []
    machines = kept.contains(.current) ? kept : kept + [.current]
  }

  /// Throws `FileError`.
  func begin() throws { try write("running", []) }

  /// `best` is null where nothing was validated: then the last checkpoint counts, as `checkpoint`
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
          + record.metrics.filter { !$0.key.contains("/") }.sorted { $0.key < $1.key }
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
    let members: [JSON.Member] = [
      .init("name", .string(name)), .init("seed", .integer(seed)),
      .init("status", .string(status)), .init("threads", .integer(Threads.count)),
      .init("machines", .array(machines.map(\.json))),
    ]
    try AtomicFile.write(JSON.object(members + results).compact + "\n", to: folder.summary)
  }
}
