import AthanorData
import AthanorTraining

/// Says once, when every sample has been read, what was left out of the data or put right, and
/// which samples cannot be read.
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
      Terminal.error.write("warning: \(warning)\n")
    }
    let damaged = damaged()
    guard !damaged.isEmpty else { return }
    Terminal.error.write(
      "warning: \(damaged.count) × damaged sample left out (--strict stops at the first):\n")
    for (split, damage) in damaged.prefix(Self.mostListed) {
      Terminal.error.write("  \(split) \(damage.name): \(damage.error)\n")
    }
    if damaged.count > Self.mostListed {
      Terminal.error.write("  and \(damaged.count - Self.mostListed) more, see summary.json\n")
    }
  }
}
