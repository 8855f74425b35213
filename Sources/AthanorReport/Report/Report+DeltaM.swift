import AthanorExperiment
import AthanorMetrics
import AthanorTasks

extension Report {
  /// Keys that have no effect when the task is trained alone, in a method that also has the tasks
  /// `others`.
  private static func multiTaskOnly(_ task: NamedTask, _ others: [String]) -> [String] {
    MethodLabels.incidental + others.map { "tasks.\($0)" } + task.balancingKeys
      + ["weighting", "training.record_gradients_every", "training.best_by"]
  }

  /// Computes Δm, and each task's change, for every run with several tasks; adds a note with the
  /// reason where it cannot.
  mutating func compareWithSingleTasks() {
    let several = methods.indices.filter {
      methods[$0].tasks.count > 1 && !methods[$0].runs.isEmpty
    }
    guard !several.isEmpty else { return }
    let measures = taskMeasures
    var differing: [String: [String]] = [:]
    var missing: [String] = []
    for index in several {
      var baselines: [Double] = []
      var lacking: String?
      let own = measures.filter { methods[index].tasks.contains($0.task.name) }
      for measures in own where lacking == nil {
        guard let (single, keys) = baseline(for: methods[index], measures.task) else {
          lacking = "no finished run trains \(measures.task.name) alone"
          continue
        }
        guard let mean = single.spread(measures.headline)?.mean else {
          lacking = "'\(single.label)' has no \(measures.headline.title) on test"
          continue
        }
        baselines.append(mean)
        if !keys.isEmpty { differing[single.label] = keys }
      }
      if let lacking {
        missing.append(lacking)
        continue
      }
      do {
        try methods[index].compare(own, with: baselines)
      } catch {
        missing.append("\(error)")
      }
    }
    for reason in Set(missing).sorted() { notes.append("Δm is left out: \(reason).") }
    for (label, keys) in differing.sorted(by: { $0.key < $1.key }) {
      notes.append(
        "Δm: '\(label)' was trained with another \(keys.joined(separator: ", ")) than some of the "
          + "methods held against it.")
    }
    runs = runs.map { run in
      methods.lazy.flatMap(\.runs).first { $0.id == run.id } ?? run
    }
  }

  /// The runs of a single task whose configuration is nearest to a method's, and the keys in which
  /// it differs in addition to those that must differ.
  private func baseline(
    for method: Method, _ task: NamedTask
  ) -> (single: Method, differing: [String])? {
    methods.filter {
      $0.tasks == [task.name] && !$0.runs.isEmpty && $0.conditions == method.conditions
    }
    .map { single in
      let keys = [single.keys, method.keys]
      return (
        single,
        ConfigKeys.differences(
          among: keys,
          ignoring: Self.multiTaskOnly(task, method.tasks.filter { $0 != task.name }) + tuned)
      )
    }.min { $0.1.count < $1.1.count }
  }
}

extension Method {
  /// Gives each chosen run its Δm and the change of each task, in percent. A run in which a task
  /// has no number gets none.
  ///
  /// - Parameter baselines: The result of each of these tasks trained alone.
  ///
  /// Errors: throws `DeltaMError` for a baseline that is not above 0.
  fileprivate mutating func compare(
    _ measures: [TaskMeasures], with baselines: [Double]
  ) throws {
    guard let chosenIndex else { return }
    for i in candidates[chosenIndex].runs.indices {
      let run = candidates[chosenIndex].runs[i]
      let tasks = zip(measures, baselines).compactMap { measures, baseline in
        run.values[measures.headline].map {
          DeltaM.Entry(
            name: measures.task.name, value: $0, baseline: baseline,
            lowerIsBetter: measures.headline.lowerIsBetter)
        }
      }
      guard run.isFinished, tasks.count == baselines.count else { continue }
      let deltaM = try DeltaM(tasks)
      candidates[chosenIndex].runs[i].values[.deltaM] = deltaM.value
      for (measures, task) in zip(measures, deltaM.tasks) {
        candidates[chosenIndex].runs[i].values[measures.change] = task.change
      }
    }
  }
}
