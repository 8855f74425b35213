import AthanorExperiment
extension Method {
  /// Groups runs by configuration and conditions, in order of first appearance. A run without a
  /// configuration is in no group; a run without a record joins the first group of its
  /// configuration.
  ///
  /// - Parameters:
  ///   - keepsLabels: Whether methods keep the labels of their runs' plan, where it gives any.
  ///   - isPlanned: Whether the runs have a plan; without one, methods are named by the names that
  ///     people gave the runs.
  static func group(
    _ runs: [ReportRun], tuned: [String], keepsLabels: Bool, isPlanned: Bool
  ) -> [Method] {
    let ignored = MethodLabels.incidental + tuned
    var methods: [Method] = []
    for run in runs {
      guard let keys = run.keys else { continue }
      let settings = tuned.map { key in (key: key, value: keys.values[key] ?? "–") }
      let candidate = Candidate(tuned: settings, runs: [run])
      let same = keys.without(ignored)
      let place = methods.firstIndex { method in
        method.keys.without(ignored) == same
          && (method.conditions == run.conditions || method.conditions == nil
            || run.conditions == nil)
      }
      guard let i = place else {
        methods.append(
          Method(
            label: "", role: run.role, candidates: [candidate], keys: keys,
            conditions: run.conditions))
        continue
      }
      methods[i].conditions = methods[i].conditions ?? run.conditions
      if run.role == .method { methods[i].role = .method }
      if let j = methods[i].candidates.firstIndex(where: {
        $0.tuned.map(\.value) == settings.map(\.value)
      }) {
        methods[i].candidates[j].runs.append(run)
      } else {
        methods[i].candidates.append(candidate)
      }
    }
    let planned = methods.compactMap { $0.candidates[0].runs[0].label }
    let settings = MethodLabels.labels(of: methods.map(\.keys), tuned: tuned)
    let labels =
      keepsLabels && Set(planned).count == methods.count
      ? planned : (isPlanned ? nil : methods.givenNames) ?? settings
    for i in methods.indices { (methods[i].label, methods[i].settings) = (labels[i], settings[i]) }
    return methods.tellingConditionsApart()
  }
}

extension [Method] {
  /// The names that people gave the runs, where these distinguish the methods: the folder of a
  /// method's only run, or the `name` in the configurations of all its runs.
  fileprivate var givenNames: [String]? {
    let runs = map { $0.candidates.flatMap(\.runs) }
    if runs.allSatisfy({ $0.count == 1 }) { return runs.map { $0[0].id } }
    let names = runs.map { Set($0.compactMap { $0.config?.name }) }
    guard names.allSatisfy({ $0.count == 1 }), Set(names).count == count else { return nil }
    return names.map { $0.first! }
  }

  /// Adds the conditions to the labels of methods that share a label and differ in conditions.
  fileprivate func tellingConditionsApart() -> [Method] {
    var methods = self
    for (_, group) in Dictionary(grouping: indices, by: { self[$0].label }) where group.count > 1 {
      let known = group.filter { self[$0].conditions != nil }
      let names = RunConditions.labels(of: known.map { self[$0].conditions! })
      for (index, name) in zip(known, names) where !name.isEmpty {
        methods[index].label += " [\(name)]"
      }
    }
    return methods
  }
}
