import AthanorData
import AthanorTraining

/// Says once, when every sample has been read, what was left out of the data or put right.
final class WarningReport: Callback {
  private let logs: [WarningLog]
  private var isDone = false

  init(_ logs: [WarningLog]) { self.logs = logs }

  func onEpochEnd(_ record: EpochRecord, evaluation: Evaluation?) {
    guard !isDone else { return }
    isDone = true
    for warning in DataWarning.joined(logs.flatMap(\.all)) {
      Terminal.error.write("warning: \(warning)\n")
    }
  }
}
