import AthanorCLI
import AthanorCore
import AthanorExperiment
import AthanorReport
import Foundation
import Testing

/// Whole ablations of the smallest network: failures, kills and resuming.
@Suite(
  .enabled(if: AthanorBinary.has("ablate"), "this build has no `athanor ablate`"), .serialized)
struct AblationTests {
  /// `grid` is YAML; a run has `epochs` epochs of four small updates each.
  static func spec(epochs: Int, grid: String) -> String {
    """
    set:
      training.epochs: \(epochs)
      training.batch_size: 4
      data: {name: synthetic, train: 16, val: 4, test: 4, width: 64, height: 64}
      input: {width: 64, height: 64}
      network: {width: 8, fpn_channels: 16}
    seeds: 2
    grid: \(grid)
    single_tasks: false
    """
  }

  let folder: String

  init() throws { folder = try AthanorBinary.temporaryFolder() }

  private func write(_ spec: String) throws {
    try AtomicFile.write(spec, to: "\(folder)/s.yaml")
  }

  private func ablate(_ arguments: String...) throws -> AthanorBinary.Result {
    try AthanorBinary.run(
      ["ablate", "s.yaml", "--out", "o", "--jobs", "2"] + arguments, in: folder)
  }

  /// The state of each planned run by its id.
  private func states() throws -> [String: String] {
    let preview = try JSON(parsing: try ablate("--dry-run", "--json").stdout)
    let runs = preview["runs"]?.array ?? []
    return Dictionary(
      uniqueKeysWithValues: runs.map { ($0["id"]?.string ?? "", $0["state"]?.string ?? "") })
  }

  @Test func aFailingRunLeavesTheOthersAlone() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try write(
      Self.spec(epochs: 1, grid: "{weighting: [fixed], optimizer.learning_rate: [1e30, 0.001]}"))
    #expect(Set(try states().values) == ["new"])
    let preview = try ablate("--dry-run").stdout
    #expect(preview.contains("to go (from a few measured steps), 2 at a time"), "\(preview)")
    #expect(!FileManager.default.fileExists(atPath: "\(folder)/o"), "--dry-run writes nothing")
    let result = try ablate("--json")
    #expect(result.status == 1, "\(result.all)")
    let outcome = try JSON(parsing: result.stdout)
    #expect(outcome["finished"]?.integer == 2 && outcome["runs"]?.integer == 4)
    #expect(
      try states() == [
        "fixed_learning_rate-1e+30_seed0": "failed", "fixed_learning_rate-1e+30_seed1": "failed",
        "fixed_learning_rate-0.001_seed0": "finished",
        "fixed_learning_rate-0.001_seed1": "finished",
      ])
    let failure = try JSON(
      contentsOf: "\(folder)/o/runs/fixed_learning_rate-1e+30_seed0/failure.json")
    #expect(failure["exitCode"]?.integer == 1)
    #expect(failure["reason"]?.string?.hasPrefix("training stopped: loss ") == true, "\(failure)")
    #expect(result.stderr.contains("[4/4]") && result.stderr.contains("failed: training stopped"))
    let record = try JSON(contentsOf: "\(folder)/o/ablation.json")
    #expect(record["runs"]?.array?.count == 4 && record["jobs"]?.integer == 2)
    #expect(try TextFile.read("\(folder)/o/spec.yaml").contains("1e30"))
  }

  @Test func finishedRunsStayAndOthersAreNotMixedIn() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try write(Self.spec(epochs: 1, grid: "{weighting: [fixed]}"))
    #expect(try ablate().status == 0)
    let summary = "\(folder)/o/runs/fixed_seed1/summary.json"
    let before = try TextFile.read(summary)
    try write(Self.spec(epochs: 1, grid: "{weighting: [fixed, uncertainty]}"))
    let extended = try ablate()
    #expect(extended.status == 0 && extended.stdout.contains("4 of 4"), "\(extended.all)")
    #expect(!extended.stderr.contains("fixed_seed"), "\(extended.all)")
    #expect(try TextFile.read(summary) == before, "not trained again")
    // Another number of threads does not make another method.
    let other = try AthanorBinary.run(["ablate", "s.yaml", "--out", "o"], in: folder)
    #expect(other.status == 0, "\(other.all)")

    try write(Self.spec(epochs: 2, grid: "{weighting: [fixed]}"))
    let refused = try ablate()
    #expect(refused.status == 1)
    for word in [
      "o/runs/fixed_seed0/config.yaml", "training.epochs", "expected 2", "--out", "received 1",
    ] {
      #expect(refused.all.contains(word), "\(refused.all)")
    }
    #expect(try states()["fixed_seed0"] == "other config")
    #expect(try TextFile.read(summary) == before)
  }

  /// The content of the folder repeats the ablation, whatever happened to the original files.
  @Test func theFolderHoldsWhatRepeatsIt() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let manager = FileManager.default
    try manager.createDirectory(atPath: "\(folder)/in", withIntermediateDirectories: true)
    try AtomicFile.write("optimizer: {name: sgd, learning_rate: 0.01}\n", to: "\(folder)/b.yaml")
    let spec = Self.spec(epochs: 1, grid: "{weighting: [fixed]}")
    try AtomicFile.write("config: ../b.yaml\n\(spec)", to: "\(folder)/in/s p.yaml")
    func ablate(_ spec: String, _ out: String) throws -> AthanorBinary.Result {
      try AthanorBinary.run(["ablate", spec, "--out", out, "--jobs", "2"], in: folder)
    }
    let first = try ablate("in/s p.yaml", "o")
    #expect(first.status == 0, "\(first.all)")
    try manager.removeItem(atPath: "\(folder)/in")
    try manager.removeItem(atPath: "\(folder)/b.yaml")
    let record = try JSON(contentsOf: "\(folder)/o/ablation.json")
    #expect(record["command"]?.string?.hasSuffix(" ablate 'in/s p.yaml' --out o --jobs 2") == true)
    #expect(try TextFile.read("\(folder)/o/report.md").contains("learning_rate: 0.01"))
    let copy = try TextFile.read("\(folder)/o/spec.yaml")
    let again = try ablate("o/spec.yaml", "again")
    #expect(again.status == 0, "\(again.all)")
    // In the same folder too: everything is finished, and nothing changes.
    let place = try ablate("o/spec.yaml", "o")
    #expect(place.status == 0 && !place.stderr.contains("finished in"), "\(place.all)")
    #expect(try TextFile.read("\(folder)/o/spec.yaml") == copy)
    #expect(
      try TextFile.read("\(folder)/again/configs/fixed_seed1.yaml")
        == TextFile.read("\(folder)/o/configs/fixed_seed1.yaml"))
  }

  /// Killed, then interrupted, then left to finish: every run ends like one that was never stopped,
  /// and no run outlives the sweep.
  @Test(.timeLimit(.minutes(5)))
  func killedAndInterruptedGoesOn() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try write(Self.spec(epochs: 40, grid: "{weighting: [fixed, uncertainty]}"))
    for number in [SIGKILL, SIGINT] {
      let process = try AthanorBinary.start(
        ["ablate", "s.yaml", "--out", "o", "--jobs", "2"], in: folder)
      let first = number == SIGKILL ? 1 : stepCount() + 1
      while process.isRunning, stepCount() < first { Thread.sleep(forTimeInterval: 0.02) }
      kill(process.processIdentifier, number)
      process.waitUntilExit()
      // The active runs write a checkpoint, then nothing changes any more.
      var steps = -1
      while steps != stepCount() {
        steps = stepCount()
        Thread.sleep(forTimeInterval: 0.5)
      }
      #expect(steps < 4 * 160, "killed too late to show anything")
      #expect(process.terminationReason == (number == SIGKILL ? .uncaughtSignal : .exit))
      if number == SIGINT { #expect(process.terminationStatus == 1) }
      let isReported = FileManager.default.fileExists(atPath: "\(folder)/o/report.md")
      let hasFinished = try states().values.contains("finished")
      #expect(isReported == (number == SIGINT && hasFinished))
    }
    #expect(try states().values.contains("stopped"))
    let last = try ablate()
    #expect(last.status == 0, "\(last.all)")
    let config = "\(folder)/o/configs/fixed_seed0.yaml"
    let whole = try AthanorBinary.run(
      ["train", config, "--out", "whole", "--threads", "1"], in: folder)
    try #require(whole.status == 0, "\(whole.all)")
    #expect(
      try CrashTests.tensors("\(folder)/o/runs/fixed_seed0")
        == CrashTests.tensors("\(folder)/whole"))
  }

  /// Killed and started again at once, while the killed sweep's runs still write: the new sweep
  /// waits.
  @Test(.timeLimit(.minutes(5)))
  func killedAndRepeatedAtOnceGoesOn() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try write(Self.spec(epochs: 20, grid: "{weighting: [fixed]}"))
    let process = try AthanorBinary.start(
      ["ablate", "s.yaml", "--out", "o", "--jobs", "2"], in: folder)
    while process.isRunning, stepCount() < 10 { Thread.sleep(forTimeInterval: 0.02) }
    let refused = try ablate()
    #expect(refused.status == 1, "\(refused.all)")
    #expect(refused.all.contains("o: expected a folder that no other process writes to"))
    #expect(refused.all.contains("process \(process.processIdentifier)"), "\(refused.all)")
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    #expect(stepCount() < 2 * 80, "killed too late to show anything")
    let last = try ablate()
    #expect(last.status == 0 && last.stdout.contains("2 of 2"), "\(last.all)")
    #expect(!last.all.contains("failed"), "\(last.all)")
  }

  /// Ctrl-C while test is measured: finished measurements are kept, and the same command continues.
  @Test func stopsBetweenMeasurementsOnTest() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try write(Self.spec(epochs: 1, grid: "{weighting: [fixed]}"))
    func measured() -> Int {
      (0..<2).filter { seed in
        FileManager.default.fileExists(atPath: "\(folder)/o/runs/fixed_seed\(seed)/test.json")
      }.count
    }
    let ablating = try Ablating(
      spec: "\(folder)/s.yaml", out: "\(folder)/o", jobs: 2, threads: 2)
    let stopped = try ablating.run(
      executable: AthanorBinary.path, command: "athanor ablate again",
      shouldStop: { measured() > 0 })
    #expect(stopped.wasStopped && !stopped.isComplete && stopped.report != nil)
    #expect(stopped.text.contains("2 of 2 runs finished; go on with: athanor ablate again"))
    #expect(measured() == 1)
    let whole = try ablating.run(
      executable: AthanorBinary.path, command: "athanor ablate again", shouldStop: { false })
    #expect(whole.isComplete && whole.report != nil && measured() == 2)
  }

  /// The number of updates of all runs so far.
  private func stepCount() -> Int {
    let runs = (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/o/runs")) ?? []
    return runs.reduce(0) {
      $0 + ((try? StepLog.read("\(folder)/o/runs/\($1)/steps.jsonl"))?.count ?? 0)
    }
  }
}
