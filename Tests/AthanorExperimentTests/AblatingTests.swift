import AthanorCore
import AthanorExperiment
import AthanorKernels
import AthanorReport
import Foundation
import TestSupport
import Testing

/// Sweeps in which every run uses a program that fails at once and prints nothing.
@Suite(.serialized) struct AblatingTests {
  let folder: TemporaryFolder
  private var out: String { folder.file("o") }

  init() throws {
    folder = try TemporaryFolder()
    try AtomicFile.write(
      """
      set:
        training.epochs: 2
        data: {name: synthetic, train: 16, val: 4, test: 4, width: 64, height: 64}
        input: {width: 64, height: 64}
        network: {width: 8, fpn_channels: 16}
      seeds: 3
      single_tasks: false

      """, to: folder.file("s.yaml"))
  }

  private func ablating(jobs: Int = 1) throws -> Ablating {
    try Ablating(spec: folder.file("s.yaml"), out: out, jobs: jobs, threads: jobs)
  }

  private func run() throws -> Ablating.Outcome {
    try ablating().run(
      executable: "/usr/bin/false", command: "athanor ablate", shouldStop: { false })
  }

  private func failure(_ id: String) throws -> JSON {
    try JSON(contentsOf: "\(out)/runs/\(id)/failure.json")
  }

  @Test func anAblationOfAnotherProcessIsLeftAlone() throws {
    try makeFolder(out)
    let lock = try FolderLock(out)
    defer { lock.release() }
    #expect { try run() } throws: { "\($0)".hasPrefix("\(out): expected a folder that no other") }
    #expect(try FileManager.default.contentsOfDirectory(atPath: out) == [".lock"])
  }

  @Test func theReasonIsNotThatOfAnEarlierAttempt() throws {
    try makeFolder("\(out)/runs/run_seed0")
    try AtomicFile.write("Error: an old one\n", to: "\(out)/runs/run_seed0/log.txt")
    let outcome = try run()
    #expect(outcome.failed == 3 && outcome.finished == 0 && !outcome.isComplete)
    let reason = try failure("run_seed0")["reason"]?.string
    #expect(reason == "exit code 1")
    #expect(try TextFile.read("\(out)/runs/run_seed0/log.txt") == "Error: an old one\n")
  }

  @Test func aRunThatCannotStartLeavesTheOthersAlone() throws {
    try makeFolder("\(out)/runs")
    try AtomicFile.write("in the way", to: "\(out)/runs/run_seed1")
    let outcome = try run()
    let failed = outcome.json["failed"]?.array ?? []
    #expect(failed.compactMap { $0["id"]?.string } == ["run_seed0", "run_seed1", "run_seed2"])
    let reasons = failed.compactMap { $0["reason"]?.string }
    #expect(reasons[1].hasPrefix("\(out)/runs/run_seed1: cannot create the folder"), "\(reasons)")
    #expect([reasons[0], reasons[2]] == ["exit code 1", "exit code 1"])
  }

  /// Jobs beyond the number of runs make nothing faster, and the work after the runs is included.
  @Test func theEstimateIsThatOfTheLongestJob() throws {
    func seconds(jobs: Int) throws -> (runs: [Double], total: Double) {
      let preview = try ablating(jobs: jobs).preview().json
      let runs = (preview["runs"]?.array ?? []).compactMap { $0["seconds"]?.number }
      return (runs, preview["seconds"]?.number ?? 0)
    }
    // Three runs of equal length: one after the other, two at a time, or all at once.
    for (jobs, rounds) in [(1, 3.0), (2, 2.0), (8, 1.0)] {
      let (runs, total) = try seconds(jobs: jobs)
      let length = try #require(runs.first)
      #expect(runs == [length, length, length] && length > 0)
      #expect(total > rounds * length)
      #expect(total < (rounds + 1) * length)
    }
  }

  /// Makes a run's folder look as if training had finished in this many seconds.
  private func finish(_ run: AblationRun, seconds: Double, steps: Int) throws {
    try makeFolder("\(out)/runs/\(run.id)")
    try AtomicFile.write(run.config.yaml(), to: "\(out)/runs/\(run.id)/config.yaml")
    let machine: JSON = [
      "fromEpoch": 1, "fromStep": 0, "cpu": .string(Processor.name),
      "cpus": .integer(Threads.availableCPUs), "threads": 1,
    ]
    let summary: JSON = [
      "status": "finished", "steps": .integer(steps), "trainingSeconds": .number(seconds),
      "segments": [machine],
    ]
    try AtomicFile.write(summary.compact, to: "\(out)/runs/\(run.id)/summary.json")
  }

  /// Whatever this machine measures in a moment, a finished run that took a million seconds
  /// outweighs it.
  @Test func theEstimateLearnsFromFinishedRuns() throws {
    let spec = try TextFile.read(folder.file("s.yaml"))
    try AtomicFile.write(
      spec + "grid: {weighting: [fixed, pcgrad]}\n", to: folder.file("s.yaml"))
    func preview() throws -> (json: JSON, runs: [JSON]) {
      let json = try ablating().preview().json
      return (json, json["runs"]?.array ?? [])
    }
    let before = try preview()
    #expect(before.json["finishedRuns"]?.integer == 0)
    #expect(before.runs.allSatisfy { $0["secondsFrom"]?.string == "measured steps" })
    let runs = try ablating().plan.runs
    for run in runs.prefix(2) { try finish(run, seconds: 1e6, steps: 4) }
    let after = try preview()
    #expect(after.json["finishedRuns"]?.integer == 2)
    #expect(
      after.runs.map { $0["secondsFrom"]?.string ?? "-" } == [
        "-", "-", "finished runs of the method", "measured steps, scaled by finished runs",
        "measured steps, scaled by finished runs", "measured steps, scaled by finished runs",
      ])
    let seconds = after.runs.compactMap { $0["seconds"]?.number }
    #expect(seconds[0] == 0 && seconds[1] == 0 && abs(seconds[2] - 1e6) < 1e4, "\(seconds)")
    #expect(seconds[3] > 1e4 && seconds[3] == seconds[4], "\(seconds)")
    // Runs with another number of threads do not count.
    let threads = "\(out)/runs/\(runs[0].id)/summary.json"
    let summary = try TextFile.read(threads).replacing("\"threads\":1", with: "\"threads\":7")
    try AtomicFile.write(summary, to: threads)
    #expect(try preview().json["finishedRuns"]?.integer == 1)
    // A method without remaining runs is measured for the sake of the others.
    try finish(runs[0], seconds: 1e6, steps: 4)
    try finish(runs[2], seconds: 1e6, steps: 4)
    let others = try preview()
    #expect(others.json["finishedRuns"]?.integer == 3)
    #expect(others.runs.compactMap { $0["seconds"]?.number }[3] > 1e4)
  }

  /// TensorBoard's table has the columns of all runs, whichever run it takes them from.
  @Test func everyRunNamesTheSettingsOfAll() throws {
    let spec = try TextFile.read(folder.file("s.yaml"))
    try AtomicFile.write(
      spec + "grid: {weighting: [fixed, {name: uncertainty, form: liebel}]}\n",
      to: folder.file("s.yaml"))
    let runs = try ablating().plan.runs
    try finish(runs[0], seconds: 1, steps: 4)
    // The report may fail for runs that were never trained.
    _ = try? run()
    var columns: [[String: Int]] = []
    for run in runs {
      let place = "\(out)/runs/\(run.id)/tensorboard"
      let name = try #require(try FileManager.default.contentsOfDirectory(atPath: place).first)
      let summaries = try ReadSummary.all(in: "\(place)/\(name)")
      #expect(summaries.map(\.tag) == ["_hparams_/experiment"])
      var differs: [String: Int] = [:]
      for column in summaries[0].content?.message(2)?.messages(4) ?? [] {
        differs[column.text(1) ?? ""] = column.integer(7)
      }
      columns.append(differs)
    }
    #expect(columns.count == 6 && columns.allSatisfy { $0 == columns[0] })
    for key in ["seed", "weighting", "weighting.form"] { #expect(columns[0][key] == 1, "\(key)") }
    #expect(columns[0]["network.width"] == 0)
  }
}
