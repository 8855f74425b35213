import AthanorCore
import AthanorLab
import Foundation
import Testing

/// Sweeps whose runs are all of a program that fails at once and says nothing.
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

  /// Jobs without a run of their own make nothing faster, and what comes after the runs counts.
  @Test func theEstimateIsThatOfTheLongestJob() throws {
    func seconds(jobs: Int) throws -> (runs: [Double], total: Double) {
      let preview = try ablating(jobs: jobs).preview().json
      let runs = (preview["runs"]?.array ?? []).compactMap { $0["seconds"]?.number }
      return (runs, preview["seconds"]?.number ?? 0)
    }
    // Three runs of a length: one after the other, two beside one, each for itself.
    for (jobs, rounds) in [(1, 3.0), (2, 2.0), (8, 1.0)] {
      let (runs, total) = try seconds(jobs: jobs)
      let length = try #require(runs.first)
      #expect(runs == [length, length, length] && length > 0)
      #expect(total > rounds * length)
      #expect(total < (rounds + 1) * length)
    }
  }
}
