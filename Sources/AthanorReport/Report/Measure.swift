import AthanorExperiment
import AthanorMetrics
import AthanorTasks

/// A number that the report gives for a run.
struct Measure: Hashable, Sendable {
  /// Its column in `results.csv`: `test/segmentation/mIoU`.
  let column: String
  /// The heading of its column in tables for people.
  let title: String
  /// Decimals in those tables.
  let decimals: Int
  let lowerIsBetter: Bool

  init(_ column: String, _ title: String, _ decimals: Int, lowerIsBetter: Bool = false) {
    self.column = column
    self.title = title
    self.decimals = decimals
    self.lowerIsBetter = lowerIsBetter
  }

  static func == (a: Measure, b: Measure) -> Bool { a.column == b.column }

  func hash(into hasher: inout Hasher) { hasher.combine(column) }

  static let deltaM = Measure("delta_m", "Δm, %", 1)
  static let score = Measure("val/score", "score", 3)
  static let stepTime = Measure("ms_per_step", "median ms/step", 0, lowerIsBetter: true)
  static let peakMemory = Measure("peak_mib", "peak, MiB", 0, lowerIsBetter: true)
  static let backwardPasses = Measure(
    "backward_passes", "backward passes", 0, lowerIsBetter: true)
  static let costs = [stepTime, peakMemory, backwardPasses]

  /// Where a task's metric was measured.
  enum Stage: String {
    case test
    /// At the epoch that was best on val.
    case best = "val"
    /// The mean of the last epochs.
    case last = "val_last"
  }

  /// A metric of a task.
  ///
  /// - Parameter title: Its title in tables; nil for the metric's own.
  static func metric(
    _ metric: TaskMetric, of task: NamedTask, _ stage: Stage, title: String? = nil
  ) -> Measure {
    Measure(
      "\(stage.rawValue)/\(task.qualified(metric))", title ?? metric.title, metric.decimals,
      lowerIsBetter: metric.lowerIsBetter)
  }

  /// The relative change of a task's headline against the task trained alone; higher is better.
  static func change(of task: NamedTask, title: String? = nil) -> Measure {
    Measure("change/\(task.name)", "\(title ?? task.headline.title), % of alone", 1)
  }
}

/// The measures of each task in a report's runs.
struct TaskMeasures: Sendable {
  let task: NamedTask
  /// The metrics shown in tables, measured on test; the first is the headline.
  let test: [Measure]
  /// The headline on val, at the best epoch and as the mean of the last epochs.
  let best: Measure
  let last: Measure
  /// The change of the headline against the task trained alone.
  let change: Measure

  var headline: Measure { test[0] }

  /// The measures of these tasks in their order; a metric that two tasks share includes its task's
  /// name.
  static func all(of tasks: [NamedTask]) -> [TaskMeasures] {
    func shown(_ task: NamedTask) -> [TaskMetric] { task.metrics.filter { $0.place == .report } }
    let titles = tasks.flatMap { shown($0).map(\.title) }
    func title(_ metric: TaskMetric, _ task: NamedTask) -> String {
      titles.count { $0 == metric.title } == 1 ? metric.title : "\(task.name) \(metric.title)"
    }
    return tasks.map { task in
      let title = { (metric: TaskMetric) in title(metric, task) }
      let headline = task.headline
      return TaskMeasures(
        task: task,
        test: shown(task).map { .metric($0, of: task, .test, title: title($0)) },
        best: .metric(headline, of: task, .best, title: title(headline)),
        last: .metric(headline, of: task, .last, title: title(headline)),
        change: .change(of: task, title: title(headline)))
    }
  }
}

extension Report {
  /// The tasks of all methods, starting with those of the methods that have several.
  var tasks: [NamedTask] {
    var tasks: [NamedTask] = []
    for method in methods.sorted(by: { $0.tasks.count > $1.tasks.count }) {
      for task in method.keys.tasks where !tasks.contains(where: { $0.name == task.name }) {
        tasks.append(task)
      }
    }
    return tasks
  }

  var taskMeasures: [TaskMeasures] { TaskMeasures.all(of: tasks) }

  /// Every measure, in the order of the columns of `results.csv`.
  var measures: [Measure] {
    let tasks = taskMeasures
    return tasks.flatMap(\.test) + [.deltaM] + tasks.map(\.change) + [.score] + tasks.map(\.best)
      + tasks.map(\.last) + Measure.costs
  }

  /// The measures that are compared with the baseline seed by seed.
  var paired: [Measure] { taskMeasures.map(\.headline) + [.deltaM] }
}
