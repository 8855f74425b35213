import AthanorCore
import AthanorExperiment
import AthanorReport
import Testing

private func close(_ a: Double?, _ b: Double) -> Bool { a.map { abs($0 - b) < 1e-9 } ?? false }

/// A plan of the spec's text, and the folders of all its runs except the `missing` ones.
private func swept(
  _ spec: String, missing: (AblationRun) -> Bool = { _ in false }
) throws -> (plan: AblationPlan, folders: RunFolders) {
  var folders = try RunFolders()
  try AtomicFile.write(spec, to: folders.folder.file("s.yaml"))
  let plan = try AblationPlan(contentsOf: folders.folder.file("s.yaml"))
  for run in plan.runs where !missing(run) {
    try folders.add(run.id, role: run.role.rawValue, label: run.label, run.config, test: (0.5, 0.5))
  }
  try folders.writePlan(baseline: plan.spec.baseline, tune: plan.tuned)
  return (plan, folders)
}

private let spec = """
  seeds: 2
  grid:
    weighting: [fixed, uncertainty, {name: uncertainty, form: liebel}]
    network.width: [16, 32]
  tune: {optimizer.learning_rate: [0.001, 0.003]}
  front: [0.25]
  baseline: uncertainty
  last_epochs: 2
  """

@Test func thePlanAndTheReportCallMethodsTheSame() throws {
  let (plan, folders) = try swept(spec)
  let labels = plan.runs.map(\.label)
  let report = try folders.report()
  #expect(report.labels == labels.enumerated().filter { labels.firstIndex(of: $1) == $0 }.map(\.1))
  #expect(report["baseline"]?.string == "uncertainty, network.width 16")
  #expect(report.labels.contains("fixed (segmentation 0.4, detection 1.6), network.width 32"))
  // Also without the plan's labels.
  var options = Report.Options()
  options.tuned = plan.tuned
  #expect(try folders.report(options).labels == report.labels)
}

@Test func whatIsNotTrainedYetChangesNoLabel() throws {
  let (_, folders) = try swept(spec) { $0.id.contains("32") }
  let report = try folders.report()
  #expect(report["baseline"]?.string == "uncertainty, network.width 16")
  var options = Report.Options()
  options.baseline = "fixed"
  #expect(try folders.report(options)["baseline"]?.string == "fixed, network.width 16")
}

@Test func whatIsAskedForGoesBeforeWhatTheAblationSays() throws {
  let (_, folders) = try swept("seeds: 1\ngrid: {optimizer.learning_rate: [0.001, 0.003]}\n")
  let labels = try folders.report().labels
  #expect(
    labels.prefix(2) == ["optimizer.learning_rate 0.001", "optimizer.learning_rate 0.003"])
  var options = Report.Options()
  options.tuned = ["optimizer.learning_rate"]
  options.lastEpochs = 1
  let report = try folders.report(options)
  let method = try #require(report.method("uncertainty"))
  #expect(method["tuned"]?["optimizer.learning_rate"] != nil)
  #expect(report["lastEpochs"]?.integer == 1)
  // 0.7 of 0.5: only the last epoch.
  #expect(close(method.mean("val_last/segmentation/mIoU"), 0.35))
}
