import AthanorCore
import AthanorTensor
import Foundation
import Testing

/// Every operation on drawn shapes, strides of broadcasting and options.
///
/// `ATHANOR_OP_CASES=20000` sets the number of cases, `ATHANOR_OP_SEED` the seed and
/// `ATHANOR_OP_FIRST` the first case: `ATHANOR_OP_FIRST=7 ATHANOR_OP_CASES=1` is case 7 of the seed
/// again. The case being tested stands in `athanor-op-case.txt` of the temporary folder, in case
/// it is the end.
@Suite("Drawn operations", .serialized) struct DrawnOpTests {
  static let count = number("ATHANOR_OP_CASES") ?? 2000
  static let seed = number("ATHANOR_OP_SEED") ?? 1
  static let first = number("ATHANOR_OP_FIRST") ?? 0

  private static func number(_ name: String) -> Int? {
    ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
  }

  @Test func valuesGradientsAndPrecisions() throws {
    let current = URL(fileURLWithPath: NSTemporaryDirectory() + "/athanor-op-case.txt")
    let families = OpFamily.all
    let start = ContinuousClock.now
    var failed = 0
    for i in Self.first..<(Self.first + Self.count) {
      var generator = Generator(Self.seed, i)
      let family = families[i % families.count]
      var op = family.draw(&generator)
      op.seed = generator.integer(in: 0..<(1 << 32))
      let repeated = "ATHANOR_OP_SEED=\(Self.seed) ATHANOR_OP_FIRST=\(i) ATHANOR_OP_CASES=1"
      try Data("\(repeated): \(op.testDescription)\n".utf8).write(to: current)
      for problem in op.problems() {
        failed += 1
        Issue.record("\(op.testDescription): \(problem) (\(repeated))")
      }
    }
    try? FileManager.default.removeItem(at: current)
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    print(
      "operations: \(Self.count) cases of \(families.count) families, seed \(Self.seed):",
      "\(failed) problems, \((seconds * 10).rounded() / 10) s")
  }
}
