import Foundation
import Testing

/// Checks the reference of the balancing methods against other people's code and hand-computed
/// results.
@Suite struct BalancePeersTests {
  static let python = ProcessInfo.processInfo.environment["ATHANOR_PYTHON"] ?? "python3"

  static func has(_ modules: String) -> Bool { (try? run(["-c", "import \(modules)"])) == 0 }

  /// The exit status of Python with these arguments.
  static func run(_ arguments: [String]) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [python, "-B"] + arguments
    process.standardError = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }

  static func script(_ name: String) throws -> Int32 {
    try run(["\(BalanceFixture.folder)/\(name)"])
  }

  @Test(
    .enabled(
      if: has("numpy"), "no NumPy in '\(python)': set ATHANOR_PYTHON to a Python that has it"))
  func answersByHandHold() throws { #expect(try Self.script("toys.py") == 0) }

  /// LibMTL's package itself imports torchvision, which the script avoids.
  @Test(
    .enabled(
      if: has("torch, safetensors, scipy, importlib.util as u; assert u.find_spec('LibMTL')"),
      "no LibMTL in '\(python)': set ATHANOR_PYTHON to a Python that has it"))
  func libMTLAgrees() throws { #expect(try Self.script("check_libmtl.py") == 0) }

  @Test(
    .enabled(
      if: has("safetensors, scipy, quadprog, qpsolvers, cvxpy, ecos, torchjd"),
      "no TorchJD in '\(python)': set ATHANOR_PYTHON to a Python that has it"))
  func torchJDAgrees() throws { #expect(try Self.script("check_torchjd.py") == 0) }
}
