extension Method {
  /// Groups runs by configuration and conditions, in order of first appearance; a run without a
  /// configuration is in no group, one without a record in the first of its configuration.
  ///
  /// - Parameter keepsLabels: Whether methods are called as the plan of their runs has them, where it
  ///   says so.
  static func group(_ runs: [ReportRun], tuned: [String], keepsLabels: Bool) -> [Method] {
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
    let isPlanned = keepsLabels && Set(planned).count == methods.count
    let labels =
      isPlanned ? planned : MethodLabels.labels(of: methods.map(\.keys), tuned: tuned)
    for i in methods.indices { methods[i].label = labels[i] }
    return methods.tellingConditionsApart()
  }
}

extension [Method] {
  /// Methods of one label and several conditions say under which.
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
