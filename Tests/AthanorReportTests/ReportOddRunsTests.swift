import AthanorCore
import AthanorExperiment
import AthanorReport
import Foundation
import Testing

private let hasGnuplot = ["/usr/bin/", "/usr/local/bin/", "/opt/homebrew/bin/"]
  .contains { FileManager.default.isExecutableFile(atPath: $0 + "gnuplot") }

/// Two methods with three seeds each.
private func sweep(_ tasks: String = "[segmentation, detection]") throws -> RunFolders {
  var folders = try RunFolders()
  for loss in ["dice", "focal"] {
    for seed in 0...2 {
      try folders.add(
        "\(loss)\(seed)", seed: seed, ["tasks=\(tasks)", "tasks.segmentation.loss=\(loss)"],
        test: (
          (loss == "dice" ? 0.4 : 0.5) + 0.01 * Double(seed),
          tasks.contains("detection") ? 0.3 : nil
        ))
    }
  }
  return folders
}

@Test func aRunMadeTwiceCountsOnce() throws {
  var folders = try RunFolders()
  let ends = ["2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z", "2026-01-01T00:00:00Z"]
  for (index, end) in ends.enumerated() {
    try folders.add(
      "a\(index)", seed: 0, ["name=other\(index)", "threads=\(index + 1)"],
      test: (0.1 * Double(index + 1), 0.5), summary: [.init("ended", .string(end))])
  }
  try folders.add("b", seed: 1, test: (0.5, 0.5))
  try folders.add("lost", seed: 1)
  try folders.fail("lost", "out of memory")
  try folders.writePlan(baseline: nil)
  let report = try folders.report()
  let method = try #require(report["methods"]?.array?.first)
  #expect(report.labels.count == 1)
  #expect(method["runs"]?.integer == 2 && method["finished"]?.integer == 2)
  // (0.2 + 0.5) / 2: for seed 0, the run that ended last.
  #expect(method.mean("test/segmentation/mIoU").map { abs($0 - 0.35) < 1e-12 } == true)
  #expect(method["test/segmentation/mIoU"]?["n"]?.integer == 2)
  let states = (report["runs"]?.array ?? []).map { $0["status"]?.string }
  #expect(states == ["repeated", "finished", "repeated", "finished", "failed"])
  let markdown = try folders.text("report.md")
  #expect(markdown.contains("- a0: the configuration and seed of a1, which counts\n"))
  #expect(markdown.contains("5 runs: 2 finished, 1 failed, 2 repeated"))
}

@Test func anOddLogOfStepsLosesItsOwnCurvesAlone() throws {
  let folders = try sweep()
  func edit(_ id: String, _ change: ([Substring]) -> [String]) throws {
    let path = folders.path(id) + "/steps.jsonl"
    let lines = try TextFile.read(path).split(separator: "\n")
    try AtomicFile.write(change(lines).joined(separator: "\n") + "\n", to: path)
  }
  try edit("dice0") { $0.dropLast().map(String.init) + [String($0.last!.prefix(30))] }
  try edit("dice1") { $0.map { String($0).replacing("detection", with: "depth") } }
  try edit("focal0") { $0.map { String($0).replacing("weights", with: "weight") } }
  try edit("focal1") { $0.prefix(7).map(String.init) }
  try FileManager.default.removeItem(atPath: folders.path("focal2") + "/steps.jsonl")
  try folders.writePlan(baseline: nil)
  let notes = try folders.report().notes
  func note(_ id: String) -> String { notes.first { $0.hasPrefix("\(id): no curves. ") } ?? "" }
  #expect(note("dice0").contains("dice0/steps.jsonl:20"), "\(notes)")
  #expect(
    note("dice1").hasSuffix(
      "dice1/steps.jsonl:1: expected segmentation, detection in 'losses', received 'depth'."),
    "\(notes)")
  #expect(note("focal0").hasSuffix("steps.jsonl:1: expected 'weights' by task, received none."))
  #expect(note("focal2").contains("focal2/steps.jsonl: cannot read"))
  #expect(note("dice2").isEmpty && note("focal1").isEmpty)
  guard hasGnuplot else { return }
  #expect(!notes.contains { $0.hasPrefix("Figures are missing") })
  for name in ["plane", "losses-1", "losses-2", "weights-1", "cosines-2"] {
    #expect(FileManager.default.fileExists(atPath: folders.folder.file("figures/\(name).svg")))
  }
}

@Test func runsOfAnotherLengthHaveNoPartInTheMean() throws {
  let folders = try sweep()
  let path = folders.path("focal0") + "/steps.jsonl"
  let lines = try TextFile.read(path).split(separator: "\n").prefix(7)
  try AtomicFile.write(lines.joined(separator: "\n") + "\n", to: path)
  try folders.writePlan(baseline: nil)
  let notes = try folders.report().notes
  #expect(
    notes.contains("focal0: no curves. 7 steps, where most runs of its method have 20."),
    "\(notes)")
}

@Test func whereEveryRunFailedTheReportSaysWhy() throws {
  let folders = try sweep()
  for loss in ["dice", "focal"] {
    for seed in 0...2 { try folders.fail("\(loss)\(seed)", "out of memory") }
  }
  try folders.writePlan(baseline: nil)
  let (report, _) = try Report.write(for: [folders.folder.path])
  #expect(report.summary.contains("6 runs: 0 finished, 6 failed."))
  for name in ["report.md", "report.html"] {
    let text = try folders.text(name)
    #expect(text.contains("out of memory") && text.contains("athanor ablate x.yaml"))
    #expect(!text.contains("Results") && !text.contains("Validation"))
  }
  try FileManager.default.removeItem(atPath: folders.folder.file("runs"))
  let labels = try folders.report().labels
  #expect(labels.isEmpty)
  #expect(try folders.text("report.md").contains("0 finished, 6 not started"))
}

@Test func withoutMeasuringTheReportIsOfValAlone() throws {
  var folders = try RunFolders()
  try folders.add("a", seed: 0, test: (0.5, 0.5))
  try folders.add("b", seed: 1)
  folders.addMissing("c")
  try folders.writePlan(baseline: nil)
  var options = Report.Options()
  options.measures = false
  let notes = try folders.report(options).notes
  #expect(notes.contains("1 of 2 chosen runs are not measured on test yet."))
  #expect(
    try folders.text("report.md").contains(
      "A partial report: 1 of 3 runs are still to be trained."))
}

@Test(.enabled(if: hasGnuplot, "gnuplot is not installed"))
func figuresStandBesideTheMarkdown() throws {
  let folders = try sweep()
  try folders.writePlan(baseline: nil)
  _ = try folders.report()
  let markdown = try folders.text("report.md")
  let links = markdown.matches(of: #/!\[[^\]]+\]\((figures/[^)]+)\)/#).map { String($0.1) }
  // The plane, and four quantities for two methods each.
  #expect(links.count == 9 && links.contains("figures/plane.svg"), "\(links)")
  for link in links {
    let svg = try folders.text(link)
    #expect(svg.contains(#"<rect width="100%" height="100%" fill="white"/>"#))
    #expect(svg.contains("</svg>") && !svg.contains("var(--"))
  }
  #expect(markdown.contains("detection red, segmentation blue"))
}

@Test func aMissingPictureShiftsNoOther() throws {
  let folders = try sweep()
  for id in ["dice0", "focal0"] {
    for sample in 0...2 {
      for kind in ["labels", "pred"] where !(id == "focal0" && sample == 0 && kind == "pred") {
        try AtomicFile.write(
          "\(id)\(sample)", to: folders.path(id) + "/test_sample\(sample)_\(kind).jpg")
      }
    }
  }
  try folders.writePlan(baseline: nil)
  _ = try folders.report()
  let page = try folders.text("report.html")
  let table = try #require(page.firstMatch(of: #/<table class="pictures">(?s:.*?)<\/table>/#)).0
  let rows = table.split(separator: "<tr>").dropFirst()
  #expect(rows.map { $0.split(separator: "<td>").count - 1 } == [3, 3, 3])
  #expect(rows.last?.contains("</th><td>–</td>") == true, "\(rows)")
}

@Test func aDifferenceOfFewerSeedsSaysSo() throws {
  var folders = try RunFolders()
  for seed in 0...2 {
    try folders.add("a\(seed)", seed: seed, ["weighting=fixed"], test: (0.4, 0.3))
    try folders.add(
      "b\(seed)", seed: seed, ["weighting=uncertainty"],
      test: (0.5 + 0.01 * Double(seed), seed == 1 ? nil : 0.35))
  }
  try folders.writePlan()
  _ = try folders.report()
  let lines = try folders.text("report.md").split(separator: "\n")
  let row = try #require(lines.first { $0.hasPrefix("| 2 | uncertainty | 3 | **+0.110") })
  #expect(row.split(separator: "(2 seeds: too few to decide)").count == 2, "\(row)")
}

@Test func aSingleTaskIsComparedLikeAnyOther() throws {
  let folders = try sweep("[segmentation]")
  try folders.writePlan(baseline: "tasks.segmentation.loss dice")
  let report = try folders.report()
  #expect(report.labels == ["tasks.segmentation.loss dice", "tasks.segmentation.loss focal"])
  #expect(report["baseline"]?.string == "tasks.segmentation.loss dice")
  let markdown = try folders.text("report.md")
  #expect(markdown.contains("| **0.510 ± 0.010** |"), "\(markdown)")
  #expect(markdown.contains("## Paired differences"))
  var options = Report.Options()
  options.out = folders.folder.file("out")
  let paths = ["dice0", "focal0"].map(folders.path)
  let other = try Report.write(for: paths, options).report.json
  #expect(other.labels == ["dice0", "focal0"])
  guard hasGnuplot else { return }
  #expect(markdown.contains("(figures/losses-2.svg)"))
  #expect(try folders.text("out/report.md").contains("(figures/losses-2.svg)"))
}
