import AthanorCore
import AthanorExperiment
import AthanorReport
import Foundation
import Testing

/// Three seeds of two weightings.
private func folders(seeds: Int = 3) throws -> RunFolders {
  var folders = try RunFolders()
  for seed in 0..<seeds {
    let shift = 0.01 * Double(seed)
    try folders.add("fixed_\(seed)", seed: seed, ["weighting=fixed"], test: (0.4 + shift, 0.3))
    try folders.add("pcgrad_\(seed)", seed: seed, ["weighting=pcgrad"], test: (0.5 + shift, 0.4))
  }
  return folders
}

@Test func theResultIsATableForAPaper() throws {
  let folders = try folders()
  try folders.writePlan()
  _ = try folders.report()
  let text = try folders.text("report.tex")
  for part in [
    "\\toprule", "\\midrule", "\\bottomrule", "\\cmidrule(lr){4-", "\\textbf{0.510 $\\pm$ 0.010}",
    "\\multicolumn{3}{c}{}", "\\caption{Mean $\\pm$", "sweep <&>",
  ] {
    #expect(text.contains(part), "\(text)")
  }
  let body = text.split(separator: "\n").drop { !$0.contains("begin{tabular}") }
  let columns = try #require(body.first).split(separator: "{").last!.dropLast().count
  // Every row has as many cells as the table has columns.
  for line in body where line.hasSuffix("\\\\") && !line.contains("multicolumn") {
    #expect(line.split(separator: " & ").count == columns, "\(line)")
  }
  #expect(body.allSatisfy { !$0.contains("±") && !$0.contains("Δ") && !$0.contains("−") })
}

@Test func theNarrowTableHasARowAMeasure() throws {
  let folders = try folders()
  try folders.writePlan()
  _ = try folders.report()
  let table = try Table(contentsOf: folders.folder.file("table_narrow.csv"))
  #expect(table.columns == ["method", "role", "measure", "mean", "sd", "n"])
  let row = try #require(
    table.rows.first { $0[0] == "pcgrad" && $0[2] == "test/segmentation/mIoU" })
  #expect(abs(Double(row[3])! - 0.51) < 1e-9 && abs(Double(row[4])! - 0.01) < 1e-9 && row[5] == "3")
}

@Test func fewSeedsDecideNothing() throws {
  for (seeds, words) in [(1, "1 seed: too few to decide"), (2, "2 seeds: too few to decide")] {
    let folders = try folders(seeds: seeds)
    try folders.writePlan()
    _ = try folders.report()
    #expect(try folders.text("report.md").contains(words))
  }
  let folders = try folders()
  try folders.writePlan()
  _ = try folders.report()
  #expect(!(try folders.text("report.md").contains("too few to decide")))
}

/// Without a plan, runs have the names that people gave them.
@Test func namesOfRunsAreLabels() throws {
  var folders = try RunFolders()
  try folders.add("my first try", seed: 0, ["weighting=fixed"], test: (0.4, 0.3))
  try folders.add("dice again", seed: 0, ["tasks.segmentation.loss=dice"], test: (0.5, 0.3))
  var options = Report.Options()
  options.out = folders.folder.file("out")
  let paths = ["my first try", "dice again"].map(folders.path)
  #expect(
    try Report.write(for: paths, options).report.json.labels == ["my first try", "dice again"])
  options.baseline = "my first try"
  #expect(try Report.write(for: paths, options).report.json["baseline"]?.string == options.baseline)
  // The `name` is used where a method has several runs and all of them have that name.
  for seed in 0...1 {
    for name in ["wide", "narrow"] {
      try folders.add(
        "\(name)-\(seed)", seed: seed, ["name=\(name)", "network.width=\(name.count * 8)"],
        test: (0.4, 0.3))
    }
  }
  options.baseline = nil
  let named = ["wide-0", "narrow-0", "wide-1", "narrow-1"].map(folders.path)
  #expect(try Report.write(for: named, options).report.json.labels == ["wide", "narrow"])
}

@Test func theDataAreToldSplitBySplit() throws {
  var folders = try RunFolders()
  let summary: [JSON.Member] = [
    .init(
      "data",
      [
        "place": "somewhere", "classes": ["mask": ["sky", "road"], "boxes": ["car"]],
        "splits": [
          ["split": "train", "samples": 800, "fingerprint": "0123456789abcdef"],
          ["split": "test", "samples": 40, "fingerprint": "fedcba9876543210"],
        ],
      ])
  ]
  try folders.add("a", seed: 0, test: (0.4, 0.3), summary: summary)
  try folders.writePlan(baseline: nil)
  _ = try folders.report()
  let text = try folders.text("report.md")
  for row in [
    "| all | train | 800 | 0123456789abcdef | 1: car | 2: sky, road |",
    "| all | test | 40 | fedcba9876543210 | 1: car | 2: sky, road |",
  ] {
    #expect(text.contains(row), "\(text)")
  }
}
