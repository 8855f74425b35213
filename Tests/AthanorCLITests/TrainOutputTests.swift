import Foundation
import Testing

/// The output of `athanor train` while it runs.
@Suite(.enabled(if: AthanorBinary.has("train"), "this build has no `athanor train`"))
struct TrainOutputTests {
  /// A weighting that merges gradients has no weights to show, but the losses are still shown.
  @Test(arguments: [
    ("fixed", #"detection \d+\.\d{3}×1\.000  segmentation \d+\.\d{3}×1\.000  mIoU"#),
    ("graddrop", #"detection \d+\.\d{3}  segmentation \d+\.\d{3}  mIoU"#),
  ])
  func anEpochShowsEachLoss(weighting: String, line: String) throws {
    let folder = try AthanorBinary.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let result = try AthanorBinary.run(
      CrashTests.arguments("run", epochs: 1) + ["--set", "weighting=\(weighting)"], in: folder)
    #expect(result.status == 0)
    #expect(
      result.stderr.range(of: "epoch 1/1  " + line, options: .regularExpression) != nil,
      "\(result.stderr)")
  }
}
