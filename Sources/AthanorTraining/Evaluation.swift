import AthanorTasks

/// How good a network is on a data set, measured in the pixels of the images as they were read.
public struct Evaluation: Sendable {
  /// The metrics of each task, in the order of the tasks; nil where no sample has its label.
  public var tasks: [(task: RunTask, evaluation: TaskEvaluation?)]
  /// Samples that were measured.
  public var samples: Int
  /// Samples that could not be read.
  public var skipped = 0

  /// Whether no task was measured.
  public var isEmpty: Bool { tasks.allSatisfy { $0.evaluation == nil } }

  /// The metrics for a history: `TASK/METRIC`, and for a class `TASK/METRIC/CLASS`. Those without a
  /// value, such as COCO's −1, are left out.
  public var scalars: [String: Double] {
    var scalars: [String: Double] = [:]
    for (task, evaluation) in tasks {
      guard let evaluation else { continue }
      for metric in task.metrics where metric.place >= .history {
        scalars[task.named.qualified(metric)] = evaluation.value(metric)
      }
      for (metric, values) in evaluation.perClass {
        for (name, value) in zip(evaluation.classes, values) {
          scalars["\(task.name)/\(metric)/\(name)"] = value
        }
      }
    }
    return scalars
  }

  /// The mean of the tasks' headline metrics as shares from 0 to 1; nil where none has a value.
  ///
  /// - Parameter weights: The tasks' weights by name; 1 for a task that is not named.
  public func score(weights: [String: Double]) -> Double? {
    var (sum, total) = (0.0, 0.0)
    for (task, evaluation) in tasks {
      guard let value = evaluation?.value(task.headline) else { continue }
      let weight = weights[task.name] ?? 1
      sum += weight * task.headline.score(value)
      total += weight
    }
    return total > 0 ? sum / total : nil
  }
}

extension TaskEvaluation {
  /// A metric's value; nil where it has none, as with COCO's −1.
  public func value(_ metric: TaskMetric) -> Double? {
    let value = values.first { $0.metric == metric.name }?.value
    return value.flatMap { $0 >= 0 && $0.isFinite ? $0 : nil }
  }
}
