extension Method {
  /// Groups runs by configuration, in order of first appearance; a run without a configuration is
  /// in no group.
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
      guard let i = methods.firstIndex(where: { $0.keys.without(ignored) == same }) else {
        methods.append(Method(label: "", role: run.role, candidates: [candidate], keys: keys))
        continue
      }
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
    return methods
  }
}
