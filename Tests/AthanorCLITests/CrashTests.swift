import AthanorCLI
import AthanorCore
import AthanorExperiment
import AthanorReport
import AthanorTensor
import Foundation
import Testing

/// Runs that are killed, interrupted or out of disk space: their files can be loaded and resumed
/// from.
@Suite(
  .enabled(if: AthanorBinary.has("train"), "this build has no `athanor train`"), .serialized)
struct CrashTests {
  /// How often a run is killed; set `ATHANOR_KILLS=100` for the long form.
  static let kills =
    ProcessInfo.processInfo.environment["ATHANOR_KILLS"].flatMap { Int($0) } ?? 12

  /// A run with `epochs` epochs of four small updates each.
  static func arguments(_ run: String, epochs: Int) -> [String] {
    [
      "train", "--out", run, "--epochs", "\(epochs)", "--threads", "2", "--set",
      "data={name: synthetic, train: 16, val: 4, width: 64, height: 64}", "--set",
      "input={width: 64, height: 64}", "--set", "network={width: 8, fpn_channels: 16}", "--set",
      "training.batch_size=4",
    ]
  }

  /// The exact final state of a run: network, optimizer, weighting.
  static func tensors(_ run: String) throws -> [String: [Double]] {
    try RunCheckpoint("\(run)/checkpoints/last.safetensors").tensors.mapValues(\.doubles)
  }

  /// Reads everything that matters of a run that died; a file may be missing, but never corrupt.
  static func expectReadable(_ run: String) throws {
    for name in ["last", "best"] {
      let file = "\(run)/checkpoints/\(name).safetensors"
      guard FileManager.default.fileExists(atPath: file) else { continue }
      _ = try RunCheckpoint(file).makeNetwork()
    }
    if FileManager.default.fileExists(atPath: "\(run)/history.csv") {
      let history = try Table(contentsOf: "\(run)/history.csv")
      #expect(history.columns.first == "epoch")
    }
    if FileManager.default.fileExists(atPath: "\(run)/steps.jsonl") {
      let steps = try StepLog.read("\(run)/steps.jsonl").compactMap { $0["step"]?.integer }
      #expect(steps == Array(0..<steps.count))
    }
  }

  @Test func killedAtRandomInstantsEndsAsIfUnbroken() throws {
    let folder = try AthanorBinary.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    // Long enough that most kills hit a run in progress.
    let epochs = max(40, 5 * Self.kills)
    let whole = try AthanorBinary.run(Self.arguments("whole", epochs: epochs), in: folder)
    try #require(whole.status == 0, "\(whole.all)")
    let seed = UInt64.random(in: 0...9999)
    var generator = Generator(Int(seed))
    var starts = 0
    var begun = false
    for _ in 0..<Self.kills {
      let arguments =
        begun ? ["train", "--out", "killed", "--resume"] : Self.arguments("killed", epochs: epochs)
      let process = try AthanorBinary.start(arguments, in: folder)
      starts += 1
      Thread.sleep(forTimeInterval: generator.uniform(0, 1.2))
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      try Self.expectReadable("\(folder)/killed")
      begun = FileManager.default.fileExists(atPath: "\(folder)/killed/config.yaml")
      if !begun { try? FileManager.default.removeItem(atPath: "\(folder)/killed") }
    }
    let last = try AthanorBinary.run(
      begun ? ["train", "--out", "killed", "--resume"] : Self.arguments("killed", epochs: epochs),
      in: folder)
    #expect(last.status == 0, "seed \(seed), after \(starts) starts: \(last.all)")
    #expect(
      try Self.tensors("\(folder)/killed") == Self.tensors("\(folder)/whole"), "seed \(seed)")
    let (a, b) = (
      try Table(contentsOf: "\(folder)/killed/history.csv"),
      try Table(contentsOf: "\(folder)/whole/history.csv")
    )
    #expect(a.columns == b.columns)
    for column in a.columns where column != "seconds" {
      #expect(a.numbers(column) == b.numbers(column), "\(column), seed \(seed)")
    }
  }

  @Test func interruptedSavesAndGoesOn() throws {
    let folder = try AthanorBinary.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let whole = try AthanorBinary.run(Self.arguments("whole", epochs: 25), in: folder)
    try #require(whole.status == 0, "\(whole.all)")
    let process = try AthanorBinary.start(Self.arguments("stopped", epochs: 25), in: folder)
    // Waits until the first epoch is recorded.
    let history = "\(folder)/stopped/history.csv"
    for _ in 0..<600 where ((try? Table(contentsOf: history))?.rows.count ?? 0) < 1 {
      Thread.sleep(forTimeInterval: 0.02)
    }
    kill(process.processIdentifier, SIGINT)
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == 75)
    let resumed = try AthanorBinary.run(["train", "--out", "stopped", "--resume"], in: folder)
    #expect(resumed.status == 0, "\(resumed.all)")
    #expect(try Self.tensors("\(folder)/stopped") == Self.tensors("\(folder)/whole"))
    let again = try AthanorBinary.run(Self.arguments("stopped", epochs: 25), in: folder)
    #expect(again.status == 1 && again.all.contains("--resume"), "\(again.all)")
  }

  @Test func aRunUnderWayIsNotResumed() throws {
    let folder = try AthanorBinary.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let process = try AthanorBinary.start(Self.arguments("run", epochs: 200), in: folder)
    let checkpoint = "\(folder)/run/checkpoints/last.safetensors"
    while process.isRunning, !FileManager.default.fileExists(atPath: checkpoint) {
      Thread.sleep(forTimeInterval: 0.02)
    }
    let refused = try AthanorBinary.run(["train", "--out", "run", "--resume"], in: folder)
    #expect(process.isRunning, "ended too early to show anything")
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    #expect(refused.status == 1, "\(refused.all)")
    #expect(refused.all.contains("run: expected a folder that no other process writes to"))
    #expect(refused.all.contains("process \(process.processIdentifier)"), "\(refused.all)")
    try Self.expectReadable("\(folder)/run")
    let trained = try Table(contentsOf: "\(folder)/run/history.csv").rows.count
    let resumed = try AthanorBinary.run(
      ["train", "--out", "run", "--resume", "--epochs", "\(trained + 1)"], in: folder)
    #expect(resumed.status == 0, "\(resumed.all)")
  }

  /// A limit on the size of files simulates a full disk for any user.
  @Test(arguments: [40, 200, 1200])
  func aFullDiskLosesNothing(kilobytes: Int) throws {
    let folder = try AthanorBinary.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let first = try AthanorBinary.run(Self.arguments("run", epochs: 2), in: folder)
    try #require(first.status == 0, "\(first.all)")
    let before = try Self.tensors("\(folder)/run")
    try Data(
      try String(contentsOfFile: "\(folder)/run/config.yaml", encoding: .utf8)
        .replacing("epochs: 2", with: "epochs: 60").utf8
    ).write(to: URL(fileURLWithPath: "\(folder)/run/config.yaml"))
    let limited = "trap '' XFSZ; ulimit -f \(kilobytes); exec '\(AthanorBinary.path)' \"$@\""
    let full = try AthanorBinary.run(
      "bash", ["-c", limited, "athanor", "train", "--out", "run", "--resume"], in: folder)
    #expect(full.status == 1, "\(full.all)")
    #expect(full.all.contains("run/") && full.all.contains("cannot write"), "\(full.all)")
    try Self.expectReadable("\(folder)/run")
    if kilobytes < 1000 { #expect(try Self.tensors("\(folder)/run") == before) }
    let leftovers = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/run/checkpoints")
    #expect(leftovers.allSatisfy { $0.hasSuffix(".safetensors") }, "\(leftovers)")
    let resumed = try AthanorBinary.run(["train", "--out", "run", "--resume"], in: folder)
    #expect(resumed.status == 0, "\(resumed.all)")
  }
}
