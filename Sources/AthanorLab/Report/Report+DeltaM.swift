import AthanorMetrics

extension Report {
  /// Keys that do not matter to a task trained alone.
  private static let multiTaskOnly =
    MethodLabels.incidental + [
      "tasks", "weighting", "losses.split_detection", "training.record_gradients_every",
    ]

  /// Works out Δm, and each task's change, of every run with several tasks; notes why where it
  /// cannot.
  mutating func compareWithSingleTasks() {
    let several = methods.indices.filter {
      methods[$0].tasks.count > 1 && !methods[$0].runs.isEmpty
    }
    guard !several.isEmpty else { return }
    var differing: [String: [String]] = [:]
    var missing: [String] = []
    for index in several {
      var baselines: [Double] = []
      var lacking: String?
      for headline in Measure.headlines where lacking == nil {
        guard let (single, keys) = baseline(for: methods[index], headline.task) else {
          lacking = "no finished run trains \(headline.task.rawValue) alone"
          continue
        }
        guard let mean = single.spread(headline.metric)?.mean else {
          lacking = "'\(single.label)' has no \(headline.metric.title) on test"
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
        try methods[index].compare(with: baselines)
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

  /// The runs of a task alone whose configuration is nearest to a method's, and the keys in which
  /// it differs beyond what must.
  private func baseline(
    for method: Method, _ task: ExperimentConfig.Task
  ) -> (single: Method, differing: [String])? {
    methods.filter {
      $0.tasks == [task] && !$0.runs.isEmpty && $0.conditions == method.conditions
    }
    .map { single in
      let keys = [single.keys, method.keys]
      return (
        single,
        ConfigKeys.differences(among: keys, ignoring: Self.multiTaskOnly + tuned)
      )
    }.min { $0.1.count < $1.1.count }
  }
}

extension Method {
  /// Gives each chosen run its Δm and the change of each task, in percent. A run without a number on
  /// some task has none.
  ///
  /// - Parameter baselines: What each task of `Measure.headlines` reaches alone.
  /// Errors: throws `DeltaMError` for a baseline that is not above 0.
  fileprivate mutating func compare(with baselines: [Double]) throws {
    guard let chosenIndex else { return }
    for i in candidates[chosenIndex].runs.indices {
      let run = candidates[chosenIndex].runs[i]
      let tasks = zip(Measure.headlines, baselines).compactMap { headline, baseline in
        run.values[headline.metric].map {
          DeltaM.Task(name: headline.task.rawValue, value: $0, baseline: baseline)
        }
      }
      guard run.isFinished, tasks.count == baselines.count else { continue }
      let deltaM = try DeltaM(tasks)
      candidates[chosenIndex].runs[i].values[.deltaM] = deltaM.value
      for (headline, task) in zip(Measure.headlines, deltaM.tasks) {
        candidates[chosenIndex].runs[i].values[headline.change] = task.change
      }
    }
  }
}
