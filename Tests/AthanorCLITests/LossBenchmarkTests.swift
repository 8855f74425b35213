import AthanorCLI
import AthanorCore
import AthanorExperiment
import AthanorLosses
import AthanorReport
import Testing

@Suite struct LossBenchmarkTests {
  private var small: LossBenchmark {
    var benchmark = LossBenchmark()
    (benchmark.batch, benchmark.size, benchmark.classes) = (1, 192, 8)
    (benchmark.boxes, benchmark.repeats) = (64, 1)
    return benchmark
  }

  @Test func measuresEveryLoss() throws {
    let report = try small()
    #expect(report.segmentation.map(\.loss) == segmentationLosses.names)
    #expect(report.box.map(\.loss) == boxLosses.names)
    // At most the size of the logits in addition to logits and gradient; scalars use blocks of 256
    // bytes.
    let most = 4 * 192 * 192 * 8 + 8192
    for row in report.segmentation { #expect(row.extraBytes <= most, "\(row.loss)") }
    #expect(report.json["results"]?.array?.count == segmentationLosses.names.count)
    for name in segmentationLosses.names + boxLosses.names {
      #expect(report.markdown.contains("| \(name) | "))
    }
    var none = small
    none.boxes = 0
    #expect(throws: SettingsError.self) { try none() }
  }

  @Test(
    .enabled(
      if: PyTorch.isAvailable, "needs a Python with torch and numpy: set ATHANOR_PYTHON to it"))
  func timesPyTorchInTurn() throws {
    var benchmark = small
    benchmark.python = PyTorch.python
    let report = try benchmark()
    for row in report.segmentation + report.box {
      #expect(row.torchMilliseconds != nil || !PyTorch.hasSciPy, "\(row.loss)")
    }
  }

  @Test func otherProgramsAreNamed() {
    #expect(throws: PyTorchLosses.Failure.self) { try PyTorchLosses("true") }
  }
}
