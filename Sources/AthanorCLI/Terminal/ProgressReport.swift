import AthanorExperiment
import AthanorTasks
import AthanorTraining
import Foundation

/// Shows the progress of a run: a bar on a terminal, one line per epoch elsewhere.
final class ProgressReport: Callback {
  private let tasks: [String]
  /// The metrics that an epoch's line shows, one per task.
  private let headlines: [(column: String, title: String)]
  private let terminal: Terminal
  private var bar: ProgressBar?
  private var epochs = 0
  private var stepsPerEpoch = 0
  private var began = ContinuousClock.now
  private var firstEpoch = 0
  private var finished = 0

  init(_ objective: Objective, on terminal: Terminal = .error) {
    tasks = objective.balanced.map(\.name).sorted()
    let metrics = objective.tasks.flatMap { task in
      task.metrics.filter { $0.place == .report }.map { (task, $0) }
    }
    // Where two tasks have the same metric, the title includes the task's name.
    headlines = metrics.map { task, metric in
      let isOnly = metrics.count { $1.name == metric.name } == 1
      return (task.named.qualified(metric), isOnly ? metric.title : task.named.qualified(metric))
    }
    self.terminal = terminal
  }

  func onTrainBegin(epochs: Int, stepsPerEpoch: Int, firstStep: Int) {
    self.epochs = epochs
    self.stepsPerEpoch = stepsPerEpoch
    firstEpoch = firstStep / stepsPerEpoch
    began = .now
  }

  func onStepEnd(_ record: StepRecord) {
    let done = record.step % stepsPerEpoch + 1
    if bar == nil || done == 1 {
      bar?.finish()
      bar = ProgressBar(
        "epoch \(record.epoch)/\(epochs)", total: stepsPerEpoch, unit: "step", on: terminal)
    }
    bar?.update(done, words(record.losses, record.weights))
  }

  func onValidationBegin(epoch: Int, count: Int) {
    bar?.finish()
    bar = ProgressBar("  validate", total: count, unit: "image", on: terminal)
  }

  func onValidationStep(_ done: Int) { bar?.update(done) }

  func onEpochEnd(_ record: EpochRecord, evaluation: Evaluation?) {
    bar?.finish()
    bar = nil
    finished += 1
    let elapsed = (ContinuousClock.now - began) / 1
    let left = Double(epochs - record.epoch) * elapsed.seconds / Double(finished)
    var line = "epoch \(record.epoch)/\(epochs)  \(words(record.losses, record.weights))"
    for (column, title) in headlines {
      if let value = record.metrics[column] { line += "  \(title) \(Self.short(value))" }
    }
    line += "  \(Self.clock(elapsed.seconds))<\(Self.clock(left))"
    terminal.write(line + "\n")
  }

  /// Loss × weight of each task; only the loss where the update is not a weighted sum.
  private func words(_ losses: [String: Double], _ weights: [String: Double]) -> String {
    tasks.compactMap { task in
      losses[task].map { loss in
        "\(task) \(Self.short(loss))" + (weights[task].map { "×\(Self.short($0))" } ?? "")
      }
    }.joined(separator: "  ")
  }

  private static func short(_ value: Double) -> String { String(format: "%.3f", value) }

  private static func clock(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded())
    return String(format: "%d:%02d", whole / 60, whole % 60)
  }
}
