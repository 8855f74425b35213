import AthanorCLI
import AthanorCore
import AthanorExperiment
import AthanorReport
import Foundation
import Testing

/// The same seed on the same CPU with the same number of threads gives bit-identical results,
/// wherever and however the process runs.
@Suite(
  .enabled(if: AthanorBinary.has("train"), "this build has no `athanor train`"), .serialized)
struct SameBitsTests {
  /// The environment of each process. Hash seeds and the address layout differ in every process.
  private static let surroundings: [[String]] = [
    [],
    ["LC_ALL=tr_TR.UTF-8", "LANG=tr_TR.UTF-8", "TZ=Asia/Kathmandu"],
    ["LC_ALL=C", "TZ=nowhere", "HOME=/nonexistent", "TERM=dumb"],
    ["-u", "HOME", "-u", "LANG", "-u", "TERM", "COLUMNS=20"],
    ["SWIFT_DETERMINISTIC_HASHING=1", "MALLOC_PERTURB_=165"],
  ]

  @Test(arguments: [1, 2])
  func fiveProcessesGiveTheSameBits(threads: Int) throws {
    var first: (tensors: [String: [UInt64]], history: [[String]], steps: [String])?
    for (number, surroundings) in Self.surroundings.enumerated() {
      let folder = try AthanorBinary.temporaryFolder() + "/\(number)"
      defer { try? FileManager.default.removeItem(atPath: folder) }
      try makeFolder(folder)
      let arguments = CrashTests.arguments("run", epochs: 3).map { $0 == "2" ? "\(threads)" : $0 }
      let result = try AthanorBinary.run(
        "env", surroundings + [AthanorBinary.path] + arguments, in: folder)
      try #require(result.status == 0, "\(surroundings): \(result.all)")
      let run = "\(folder)/run"
      let found = (
        tensors: try CrashTests.tensors(run).mapValues { $0.map(\.bitPattern) },
        history: try Self.history(run), steps: try Self.steps(run)
      )
      guard let expected = first else {
        first = found
        continue
      }
      #expect(found.tensors == expected.tensors, "\(surroundings)")
      #expect(found.history == expected.history, "\(surroundings)")
      #expect(found.steps == expected.steps, "\(surroundings)")
    }
  }

  /// The rows of `history.csv` without the duration of epochs.
  private static func history(_ run: String) throws -> [[String]] {
    let table = try Table(contentsOf: "\(run)/history.csv")
    let kept = table.columns.indices.filter { table.columns[$0] != "seconds" }
    return [kept.map { table.columns[$0] }] + table.rows.map { row in kept.map { row[$0] } }
  }

  /// The lines of `steps.jsonl` without the duration of steps.
  private static func steps(_ run: String) throws -> [String] {
    try StepLog.read("\(run)/steps.jsonl").map { record in
      JSON.object((record.object ?? []).filter { $0.key != "milliseconds" }).compact
    }
  }
}
