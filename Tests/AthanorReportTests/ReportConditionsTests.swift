import AthanorCore
import AthanorExperiment
import AthanorReport
import Foundation
import Testing

/// A summary's entries about data and threads.
private func record(train: String, threads: [Int] = [2], classes: [String] = ["sky"]) -> [JSON
  .Member]
{
  [
    .init(
      "data",
      [
        "place": "somewhere",
        "classes": ["segmentation": .array(classes.map { .string($0) }), "detection": []],
        "splits": [
          ["split": "train", "samples": 8, "fingerprint": .string(train)],
          ["split": "val", "samples": 4, "fingerprint": "00"],
        ],
      ]),
    .init("segments", .array(threads.map { ["threads": .integer($0), "epochs": 3] })),
  ]
}

@Test func runsUnderOtherConditionsAreNotAveragedOrRanked() throws {
  for (other, word) in [
    (record(train: "bb"), "data"), (record(train: "aa", threads: [1]), "thread counts"),
    (record(train: "aa", threads: [2, 1]), "thread counts"),
    (record(train: "aa", classes: ["sky", "road"]), "classes"),
  ] {
    var folders = try RunFolders()
    for seed in 0...1 {
      for (name, value) in [("fixed", 0.4), ("pcgrad", 0.5)] {
        try folders.add(
          "\(name)\(seed)", seed: seed, ["weighting=\(name)"], test: (value, value),
          summary: record(train: "aa"))
      }
      try folders.add(
        "other\(seed)", seed: seed, ["weighting=pcgrad"], test: (0.9, 0.9), summary: other)
    }
    try folders.writePlan()
    let report = try folders.report()
    #expect(report.labels.count == 3, "\(report.labels)")
    #expect(report.notes.contains { $0.contains("cannot be compared") || $0.contains(word) })
    #expect(
      report.notes.contains { $0.contains("Not all runs can be compared") && $0.contains(word) })
    let methods = report["methods"]?.array ?? []
    let own = try #require(methods.first { $0.mean("test/segmentation/mIoU") == 0.5 })
    let foreign = try #require(methods.first { $0.mean("test/segmentation/mIoU") == 0.9 })
    #expect(own["mean_rank"]?.number == 1 && foreign["mean_rank"] == .null)
    #expect(own["differences"]?["test/segmentation/mIoU"] != nil)
    #expect(foreign["differences"]?["test/segmentation/mIoU"] == nil)
    #expect(
      own["test/segmentation/mIoU"]?["n"]?.integer == 2
        && foreign["test/segmentation/mIoU"]?["n"]?.integer == 2)
  }
}

@Test func anotherPlaceOfTheSameDataIsNoOtherMethod() throws {
  var folders = try RunFolders()
  for (seed, place) in ["/a/set", "/b/set"].enumerated() {
    try folders.add(
      "r\(seed)", seed: seed, ["data={name: coco, path: \(place)}"], test: (0.4, 0.4),
      summary: record(train: "aa"))
  }
  try folders.writePlan(baseline: nil)
  let report = try folders.report()
  #expect(report.labels.count == 1 && report["methods"]?.array?[0]["runs"]?.integer == 2)
  #expect(!report.notes.contains { $0.contains("compared") })
}
