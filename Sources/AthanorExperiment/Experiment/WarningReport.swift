import AthanorData
import AthanorTraining

/// Reports once, after every sample has been read, which data were left out or corrected, and which
/// samples cannot be read.
final class WarningReport: Callback {
  private let logs: [WarningLog]
  private let damaged: () -> [(Split, DamagedSample)]
  private var isDone = false
  private static let mostListed = 20

  init(_ logs: [WarningLog], damaged: @escaping () -> [(Split, DamagedSample)] = { [] }) {
    self.logs = logs
    self.damaged = damaged
  }

  func onEpochEnd(_ record: EpochRecord, evaluation: Evaluation?) {
    guard !isDone else { return }
    isDone = true
    for warning in WarningLog(joining: logs).all {
      monitor.warn("\(warning)")
    }
    let damaged = damaged()
    guard !damaged.isEmpty else { return }
    monitor.warn(
      "\(damaged.count) × damaged sample left out (--strict stops at the first):")
    for (split, damage) in damaged.prefix(Self.mostListed) {
      monitor.note("  \(split) \(damage.name): \(damage.error)")
    }
    if damaged.count > Self.mostListed {
      monitor.note("  and \(damaged.count - Self.mostListed) more, see summary.json")
    }
  }
}
