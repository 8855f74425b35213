import AthanorCore
import AthanorExperiment
import AthanorReport
import Foundation
import TestSupport

/// Run folders as training leaves them, with made-up numbers, and an ablation around them.
struct RunFolders {
  let folder: TemporaryFolder
  private(set) var runs: [JSON] = []

  init() throws { folder = try TemporaryFolder() }

  func path(_ id: String) -> String { folder.file("runs/\(id)") }

  /// Adds a finished run: `val` and `test` are mIoU and AP, nil for values that the run does not
  /// have; `summary` is added to the usual entries of its summary.
  mutating func add(
    _ id: String, role: String = "method", seed: Int, _ overrides: [String] = [],
    val: (Double?, Double?) = (0.5, 0.5), test: (Double?, Double?)? = nil,
    summary: [JSON.Member] = []
  ) throws {
    let config = try ExperimentConfig(
      contentsOf: nil,
      overrides: (["seed=\(seed)", "training.epochs=3"] + overrides).map { try Override($0) })
    try add(id, role: role, config, val: val, test: test, summary: summary)
  }

  /// Adds a finished run with a whole configuration; `label` is its method's label in the plan.
  mutating func add(
    _ id: String, role: String = "method", label: String? = nil, _ config: ExperimentConfig,
    val: (Double?, Double?) = (0.5, 0.5), test: (Double?, Double?)? = nil,
    summary: [JSON.Member] = []
  ) throws {
    runs.append([
      "id": .string(id), "role": .string(role), "label": label.map { .string($0) } ?? .null,
    ])
    let run = try RunFolder(creating: path(id), name: id)
    try AtomicFile.write(config.resolved().yaml(), to: run.config)
    var history = Table(columns: ["epoch", "val/segmentation/mIoU", "val/detection/AP", "score"])
    for (epoch, share) in [0.4, 1, 0.7].enumerated() {
      let metrics = [val.0, val.1].map { $0.map { $0 * share } }
      let score = metrics.compactMap(\.self).reduce(0, +)
      history.append([
        ("epoch", .integer(epoch + 1)),
        ("val/segmentation/mIoU", metrics[0].map { .number($0) } ?? .null),
        ("val/detection/AP", metrics[1].map { .number($0) } ?? .null), ("score", .number(score)),
      ])
    }
    try AtomicFile.write(history.csv, to: run.history)
    let usual: [JSON.Member] = [
      .init("status", "finished"), .init("peakTensorBytes", 2_097_152),
      .init("backwardPasses", 40),
    ]
    try AtomicFile.write(JSON.object(usual + summary).compact + "\n", to: run.summary)
    try writeSteps(run, config.tasks.names)
    guard let test else { return }
    try AtomicFile.write(
      JSON.object([
        .init("segmentation", ["mIoU": test.0.map { .number($0) } ?? .null]),
        .init("detection", ["AP": test.1.map { .number($0) } ?? .null, "AP50": -1]),
      ]).compact, to: run.file("test.json"))
  }

  /// 20 steps: slow at first and where gradients are recorded, 8 ms otherwise.
  private func writeSteps(_ run: RunFolder, _ tasks: [String]) throws {
    let log = try StepLog(run.steps)
    func object(_ value: JSON) -> JSON { .object(tasks.map { .init($0, value) }) }
    for step in 0..<20 {
      var record: [JSON.Member] = [
        .init("step", .integer(step)),
        .init("losses", object(.number(1 / Double(step + 1)))),
        .init("weights", object(step == 3 ? .null : 1)),
      ]
      if step % 5 == 0 {
        record.append(.init("gradientNorms", ["segmentation": 0.1, "detection": 0.2]))
        record.append(.init("cosines", ["segmentation,detection": -0.1]))
      }
      record.append(.init("milliseconds", .number(step < 10 ? 99 : step % 5 == 0 ? 50 : 8)))
      try log.append(.object(record))
    }
  }

  /// Adds a run that never got a folder.
  mutating func addMissing(_ id: String) {
    runs.append(["id": .string(id), "role": "method"])
  }

  func fail(_ id: String, _ reason: String) throws {
    try FileManager.default.removeItem(atPath: path(id) + "/summary.json")
    try AtomicFile.write(
      (["reason": .string(reason), "exitCode": 1] as JSON).compact, to: path(id) + "/failure.json")
  }

  func writePlan(baseline: String? = "fixed", tune: [String] = [], spec: String = "name: x\n")
    throws
  {
    let plan: JSON = [
      "name": "sweep <&>", "spec": .string(spec), "command": "athanor ablate x.yaml",
      "jobs": 1, "threads": 2,
      "baseline": baseline.map { .string($0) } ?? .null,
      "tune": .array(tune.map { .string($0) }), "lastEpochs": 2, "runs": .array(runs),
    ]
    try AtomicFile.write(plan.pretty, to: folder.file("ablation.json"))
  }

  /// The report of the ablation as JSON.
  func report(_ options: Report.Options = Report.Options()) throws -> JSON {
    try Report.write(for: [folder.path], options).report.json
  }

  /// A file of that report.
  func text(_ name: String) throws -> String { try TextFile.read(folder.file(name)) }
}

extension JSON {
  func method(_ label: String) -> JSON? {
    self["methods"]?.array?.first { $0["method"]?.string == label }
  }

  /// The mean of a measure.
  func mean(_ measure: String) -> Double? { self[measure]?["mean"]?.number }

  var notes: [String] { (self["notes"]?.array ?? []).compactMap(\.string) }

  var labels: [String] { (self["methods"]?.array ?? []).compactMap { $0["method"]?.string } }
}
