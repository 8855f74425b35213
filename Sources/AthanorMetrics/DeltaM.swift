/// Δm: by how many percent a multi-task run is better than its tasks trained alone.
///
///     Δm = 1/T Σ_i (−1)^{lower is better} (M_i − B_i) / B_i × 100
///
/// One headline metric per task (mIoU, AP). B comes from our own single-task runs with the same
/// recipe, seeds and step budget, the encoder trained; not from published numbers, and not from the
/// run's own first epoch.
///
/// Units: percent, 0 is level with the baselines, higher is better.
/// Source: Maninis et al., Attentive Single-Tasking of Multiple Tasks, CVPR 2019, eq. 4; here each
/// task has one metric.
public struct DeltaM: Equatable, Sendable {
  /// What to print beside the number: several variants of Δm are in use.
  public static let variant =
    "Δm: mean over tasks of the relative change of one metric per task against our own "
    + "single-task runs, in percent"

  /// One task's metric and what its single-task baseline reached.
  public struct Entry: Equatable, Sendable {
    public var name: String
    public var value: Double
    public var baseline: Double
    public var lowerIsBetter: Bool

    public init(name: String, value: Double, baseline: Double, lowerIsBetter: Bool = false) {
      self.name = name
      self.value = value
      self.baseline = baseline
      self.lowerIsBetter = lowerIsBetter
    }

    /// The task's own change in percent, positive when better.
    public var change: Double {
      (lowerIsBetter ? -1 : 1) * (value - baseline) / baseline * 100
    }
  }

  public var tasks: [Entry]
  /// Δm in percent.
  public var value: Double
  /// The task that lost most, or gained least.
  public var worst: Entry

  /// Errors: throws `DeltaMError` without tasks, for a value that is not finite, and for a baseline
  /// that is not above 0, against which no relative change can be stated.
  public init(_ tasks: [Entry]) throws {
    guard let first = tasks.first else { throw DeltaMError.noTasks }
    for task in tasks {
      guard task.baseline > 0, task.baseline.isFinite else {
        throw DeltaMError.baseline(task: task.name, received: task.baseline)
      }
      guard task.value.isFinite else {
        throw DeltaMError.value(task: task.name, received: task.value)
      }
    }
    self.tasks = tasks
    value = tasks.reduce(0) { $0 + $1.change } / Double(tasks.count)
    worst = tasks.dropFirst().reduce(first) { $1.change < $0.change ? $1 : $0 }
  }
}

public enum DeltaMError: Error, Equatable, CustomStringConvertible {
  case noTasks
  case baseline(task: String, received: Double)
  case value(task: String, received: Double)

  public var description: String {
    switch self {
    case .noTasks: "Δm needs at least one task"
    case .baseline(let task, let received):
      "Δm: the baseline of task '\(task)' is \(received): expected a number above 0"
    case .value(let task, let received):
      "Δm: the value of task '\(task)' is \(received): expected a finite number"
    }
  }
}

/// Mean rank: the rank of each method on each task, averaged over the tasks; 1 is best.
///
/// Methods with equal values share the mean of their ranks. A missing or NaN value (a failed run)
/// ranks last.
public enum MeanRank {
  /// Shapes: `values[method][task]`, `lowerIsBetter[task]`; traps otherwise. One rank per method.
  public static func ranks(of values: [[Double]], lowerIsBetter: [Bool]) -> [Double] {
    var sums = [Double](repeating: 0, count: values.count)
    for task in lowerIsBetter.indices {
      let column = values.map { row in
        precondition(
          row.count == lowerIsBetter.count,
          "MeanRank: \(row.count) values for \(lowerIsBetter.count) tasks")
        if row[task].isNaN { return -Double.infinity }
        return lowerIsBetter[task] ? -row[task] : row[task]
      }
      for method in column.indices {
        let better = column.count { $0 > column[method] }
        let equal = column.count { $0 == column[method] }
        sums[method] += Double(better) + Double(equal + 1) / 2
      }
    }
    return sums.map { $0 / Double(max(1, lowerIsBetter.count)) }
  }
}
