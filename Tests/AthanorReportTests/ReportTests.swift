import AthanorCore
import AthanorExperiment
import AthanorReport
import Foundation
import TestSupport
import Testing

private func close(_ a: Double?, _ b: Double) -> Bool { a.map { abs($0 - b) < 1e-9 } ?? false }

/// Two methods, a point of the front and both single tasks, with two seeds each.
private func sweep() throws -> RunFolders {
  var folders = try RunFolders()
  for seed in 0...1 {
    let more = Double(seed) * 0.1
    try folders.add(
      "fixed\(seed)", seed: seed, ["weighting=fixed"], test: (0.4 + more, 0.2 + more))
    try folders.add(
      "uncertainty\(seed)", seed: seed, ["weighting={name: uncertainty, form: liebel}"],
      test: (0.5 + more, 0.2 + more))
    try folders.add(
      "front\(seed)", role: "front", seed: seed,
      ["weighting={name: fixed, weights: {detection: 1.5, segmentation: 0.5}}"],
      test: (0.3 + more, 0.3 + more))
    try folders.add(
      "s\(seed)", role: "single", seed: seed, ["weighting=fixed", "tasks=[segmentation]"],
      val: (0.5, nil), test: (0.5, nil))
    try folders.add(
      "d\(seed)", role: "single", seed: seed, ["weighting=fixed", "tasks=[detection]"],
      val: (nil, 0.5), test: (nil, 0.25))
  }
  return folders
}

@Test func methodsAreNamedByWhatDiffers() throws {
  let folders = try sweep()
  try folders.writePlan()
  let report = try folders.report()
  #expect(
    report.labels == [
      "fixed", "uncertainty (form liebel)", "fixed (segmentation 0.5, detection 1.5)",
      "segmentation alone", "detection alone",
    ])
  #expect(report["baseline"]?.string == "fixed")
}

@Test func otherKeysAreNamedByTheirValues() throws {
  var folders = try RunFolders()
  let all = [
    ["tasks.segmentation.loss=dice", "threads=1"],
    ["tasks.segmentation.loss={name: focal, gamma: 3}"],
    ["tasks.segmentation.loss={name: focal, gamma: 1}"],
    ["tasks.segmentation.loss=dice", "name=other"],
    ["tasks.segmentation.loss=dice", "network.width=16"],
  ]
  for (seed, overrides) in all.enumerated() {
    try folders.add("r\(seed)", seed: seed, overrides, test: (0.5, 0.5))
  }
  try folders.writePlan(baseline: nil)
  let labels = try folders.report().labels
  #expect(
    labels == [
      "tasks.segmentation.loss dice, network.width 32",
      "tasks.segmentation.loss focal, network.width 32, tasks.segmentation.loss.gamma 3",
      "tasks.segmentation.loss focal, network.width 32, tasks.segmentation.loss.gamma 1",
      "tasks.segmentation.loss dice, network.width 16",
    ])
}

@Test func measuresAreMeansOverSeeds() throws {
  let folders = try sweep()
  try folders.writePlan()
  let report = try folders.report()
  let uncertain = try #require(report.method("uncertainty (form liebel)"))
  #expect(close(uncertain.mean("test/segmentation/mIoU"), 0.55))
  #expect(close(uncertain["test/segmentation/mIoU"]?["sd"]?.number, 0.1 / 2.squareRoot()))
  // COCO's −1 is not a value of AP50.
  #expect(uncertain["test/detection/AP50"] == .null)
  // (0.55/0.5 − 1 + 0.25/0.25 − 1) / 2.
  #expect(close(uncertain.mean("delta_m"), 5))
  #expect(uncertain["worst"]?["task"]?.string == "detection")
  #expect(close(report.method("fixed")?.mean("delta_m"), -5))
  #expect(report.method("fixed")?["worst"]?["task"]?.string == "segmentation")
  // First on mIoU, tied on AP.
  #expect(uncertain["mean_rank"]?.number == 1.25)
  #expect(report.method("fixed")?["mean_rank"]?.number == 1.75)
  #expect(report.method("fixed (segmentation 0.5, detection 1.5)")?["mean_rank"] == .null)
  // The best epoch is the second; the last two are 1 and 0.7 of it.
  #expect(close(uncertain.mean("val/segmentation/mIoU"), 0.5))
  #expect(close(uncertain.mean("val_last/segmentation/mIoU"), 0.425))
  #expect(uncertain.mean("ms_per_step") == 8)
  #expect(uncertain.mean("peak_mib") == 2)
  #expect(uncertain.mean("backward_passes") == 40)
  let difference = try #require(uncertain["differences"]?["test/segmentation/mIoU"])
  #expect(close(difference["mean"]?.number, 0.1))
  #expect(difference["n"]?.integer == 2)
}

@Test func candidatesAreChosenOnValNotOnTest() throws {
  var folders = try RunFolders()
  // The candidate that is better on val is worse on test; the best of all has a missing run.
  let all: [(rate: String, val: Double, test: Double)] = [
    ("0.01", 0.6, 0.3), ("0.02", 0.5, 0.9), ("0.03", 0.9, 0.9),
  ]
  for (rate, val, test) in all {
    for seed in 0...1 {
      try folders.add(
        "lr\(rate)-\(seed)", seed: seed, ["weighting=fixed", "optimizer.learning_rate=\(rate)"],
        val: (val, val), test: (test, test))
    }
  }
  try folders.fail("lr0.03-1", "the loss is not finite")
  try folders.writePlan(tune: ["optimizer.learning_rate"])
  let report = try folders.report()
  #expect(report.labels == ["fixed"])
  #expect(report.method("fixed")?["tuned"]?["optimizer.learning_rate"]?.string == "0.01")
  #expect(close(report.method("fixed")?.mean("test/segmentation/mIoU"), 0.3))
  let markdown = try TextFile.read(folders.folder.file("report.md"))
  #expect(markdown.contains("## Tuning"))
  #expect(markdown.contains("1 of 2"))
}

@Test func lostRunsAreCountedAndExplained() throws {
  var folders = try sweep()
  try folders.fail("fixed1", "loss <b>nan</b> | at step 3")
  folders.addMissing("never")
  try FileManager.default.removeItem(atPath: folders.path("uncertainty1") + "/summary.json")
  try folders.writePlan(spec: "a: </pre><script>1</script>\n")
  let report = try folders.report()
  #expect(report.method("fixed")?["finished"]?.integer == 1)
  #expect(report.method("fixed")?["runs"]?.integer == 2)
  #expect(report.method("fixed")?["test/segmentation/mIoU"]?["sd"] == .null)
  #expect(report.method("uncertainty (form liebel)")?["finished"]?.integer == 1)
  let markdown = try TextFile.read(folders.folder.file("report.md"))
  #expect(markdown.contains("11 runs: 8 finished, 1 failed, 1 unfinished, 1 not started"))
  #expect(markdown.contains("loss \\<b\\>nan\\</b\\> \\| at step 3"))
  #expect(markdown.contains("ended from outside after 3 of 3 epochs"))
  #expect(markdown.contains("A partial report: 2 of 11 runs are still to be trained."))
  let html = try TextFile.read(folders.folder.file("report.html"))
  #expect(html.contains("loss &lt;b&gt;nan&lt;/b&gt; | at step 3"))
  #expect(html.contains("<title>sweep &lt;&amp;&gt;</title>"))
  #expect(html.contains("a: &lt;/pre&gt;&lt;script&gt;1&lt;/script&gt;"))
  let results = try Table(contentsOf: folders.folder.file("results.csv"))
  #expect(results.rows.count == 11)
  let table = try Table(contentsOf: folders.folder.file("table.csv"))
  #expect(table.numbers("finished") == [1, 1, 2, 2, 2])
}

@Test func whatCannotBeMeasuredIsLeftOutWithAReason() throws {
  var folders = try RunFolders()
  try folders.add("a", seed: 0, ["weighting=fixed"], test: (0.5, nil))
  try folders.add("b", seed: 0, ["weighting=uncertainty"])
  try folders.writePlan(baseline: "gone")
  let report = try folders.report()
  let notes = report.notes
  #expect(notes.contains { $0.contains("'gone' is the label of no method") })
  #expect(notes.contains { $0.hasPrefix("b is not measured on test. ") })
  #expect(notes.contains("Δm is left out: no finished run trains segmentation alone."))
  #expect(report["baseline"]?.string == "fixed")
  #expect(report.method("uncertainty")?["test/segmentation/mIoU"] == .null)
}

@Test func anyRunFoldersCanBeCompared() throws {
  let folders = try sweep()
  let out = folders.folder.file("comparison")
  var options = Report.Options()
  options.out = out
  let paths = ["fixed0", "fixed0", "uncertainty0", "s0", "d0"].map(folders.path)
  let (report, folder) = try Report.write(for: paths, options)
  #expect(folder == out)
  #expect(report.json["runs"]?.array?.count == 4)
  #expect(close(report.json.method("fixed0")?.mean("delta_m"), -20))
  for name in ["report.html", "report.md", "results.csv", "table.csv"] {
    #expect(FileManager.default.fileExists(atPath: "\(out)/\(name)"))
  }
  options.baseline = "uncertain"
  #expect(throws: SettingsError.self) { try Report.write(for: paths, options) }
}

@Test func whatIsNoRunIsRefused() throws {
  let folders = try RunFolders()
  #expect(throws: ContentError.self) { try Report.write(for: []) }
  #expect(throws: ContentError.self) { try Report.write(for: [folders.folder.path]) }
  #expect(throws: ContentError.self) { try Report.write(for: [folders.folder.file("none")]) }
  try folders.writePlan()
  #expect(throws: ContentError.self) { try Report.write(for: [folders.folder.path]) }
  try AtomicFile.write("{\"name\": 3}", to: folders.folder.file("ablation.json"))
  #expect(throws: ContentError.self) { try Report.write(for: [folders.folder.path]) }
}

@Test func testIsMeasuredOnceAndTheReportNeedsNoCheckpointAgain() throws {
  let folder = try TemporaryFolder()
  let runs = ["fixed", "uncertainty"].map { folder.file($0) }
  for run in runs {
    let weighting = URL(fileURLWithPath: run).lastPathComponent
    let overrides = try [
      "weighting=\(weighting)", "training.epochs=1", "data.train=16", "data.val=4", "data.test=5",
      "network.width=16", "threads=1",
    ].map { try Override($0) }
    _ = try Training.run(
      config: nil, overrides: overrides, out: run, resume: false, shouldStop: { false })
  }
  var options = Report.Options()
  options.out = folder.file("out")
  let first = try Report.write(for: runs, options).report
  let record = try JSON(contentsOf: "\(runs[0])/test.json")
  let measured = try Evaluating(runs[0], split: .test).run().json
  #expect(record.object?.filter { !["checkpoint", "data"].contains($0.key) } == measured.object)
  let page = try TextFile.read(folder.file("out/report.html"))
  // The truth and two methods, four samples each.
  #expect(page.split(separator: "data:image/jpeg;base64,").count == 13)
  // Neither the file time of a checkpoint nor that of a result matters, but another checkpoint
  // does.
  let marked = JSON.object((record.object ?? []) + [.init("mark", 1)]).compact
  try AtomicFile.write(marked, to: "\(runs[0])/test.json")
  let best = "\(runs[0])/checkpoints/best.safetensors"
  try FileManager.default.setAttributes(
    [.modificationDate: Date(timeIntervalSinceNow: 3600)], ofItemAtPath: best)
  _ = try Report.write(for: runs, options)
  #expect(try TextFile.read("\(runs[0])/test.json") == marked)
  let bytes = try AtomicFile.read(best)
  try AtomicFile.write(AtomicFile.read("\(runs[0])/checkpoints/last.safetensors"), to: best)
  _ = try Report.write(for: runs, options)
  let other = try JSON(contentsOf: "\(runs[0])/test.json")
  #expect(other["mark"] == nil && other["checkpoint"] != record["checkpoint"])
  try AtomicFile.write(bytes, to: best)
  _ = try Report.write(for: runs, options)
  #expect(try JSON(contentsOf: "\(runs[0])/test.json") == record)
  for run in runs { try FileManager.default.removeItem(atPath: "\(run)/checkpoints") }
  #expect(try Report.write(for: runs, options).report.json == first.json)
  #expect(try TextFile.read(folder.file("out/report.html")) == page)
}
