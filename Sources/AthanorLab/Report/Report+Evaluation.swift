import AthanorCore
import AthanorData
import AthanorTraining
import AthanorVision
import Foundation

extension Report {
  /// The first samples of test that pictures are made of.
  static let samplesShown = 4

  /// Measures the chosen runs on test, those that were not measured yet, and reads what was measured.
  ///
  /// A run that cannot be measured, for want of data or checkpoint, is noted and has no numbers.
  /// Throws `CancellationError` when `shouldStop` turned true before a run was measured.
  mutating func evaluate(shouldStop: () -> Bool) throws {
    let chosen = methods.flatMap(\.runs)
    let new = chosen.filter { !$0.isMeasured }
    for (number, run) in new.enumerated() {
      if shouldStop() { throw CancellationError() }
      do {
        try run.measure(title: "test \(number + 1)/\(new.count)")
      } catch {
        notes.append("\(run.id) is not measured on test. \(error).")
      }
    }
    var measured: [String: [Measure: Double]] = [:]
    for run in chosen where run.isMeasured {
      guard let result = try? JSON(contentsOf: run.testFile) else { continue }
      measured[run.id] = Self.values(of: result)
    }
    func filled(_ run: ReportRun) -> ReportRun {
      var run = run
      run.values.merge(measured[run.id] ?? [:]) { $1 }
      return run
    }
    runs = runs.map(filled)
    for i in methods.indices {
      for j in methods[i].candidates.indices {
        methods[i].candidates[j].runs = methods[i].candidates[j].runs.map(filled)
      }
    }
  }

  /// COCO's −1, no truth to find, is no value.
  private static func values(of result: JSON) -> [Measure: Double] {
    let found: [(Measure, Double?)] = [
      (.testMIoU, result["segmentation"]?["mIoU"]?.number),
      (.testAP, result["detection"]?["AP"]?.number),
      (.testAP50, result["detection"]?["AP50"]?.number),
    ]
    return Dictionary(
      found.compactMap { measure, value in
        value.flatMap { $0 >= 0 && $0.isFinite ? (measure, $0) : nil }
      }, uniquingKeysWith: { $1 })
  }
}

extension ReportRun {
  /// What `athanor eval RUN --split test --json` prints.
  var testFile: String { file("test.json") }
  private var bestCheckpoint: String { file("checkpoints/best.safetensors") }

  /// Whether test was measured, and since the best checkpoint was written.
  fileprivate var isMeasured: Bool {
    func date(_ path: String) -> Date? {
      (try? FileManager.default.attributesOfItem(atPath: path))?[.modificationDate] as? Date
    }
    guard let measured = date(testFile), (try? JSON(contentsOf: testFile)) != nil else {
      return false
    }
    return date(bestCheckpoint).map { $0 <= measured } ?? true
  }

  /// The pictures of a test sample: as it is labelled and as it is predicted.
  func picture(_ sample: Int, isTruth: Bool) -> String {
    file("test_sample\(sample)_\(isTruth ? "labels" : "pred").jpg")
  }

  /// Writes `test.json`, and pictures of the first samples.
  fileprivate func measure(title: String) throws {
    var seen = 0
    let result = try Evaluating.run(bestCheckpoint, split: .test, title: title) {
      sample, prediction, classes in
      defer { seen += 1 }
      guard seen < Report.samplesShown else { return }
      try RunPictures.picture(sample, classes).fitted
        .write(to: picture(seen, isTruth: true))
      try RunPictures.picture(prediction, on: sample.image, classes, atLeast: RunPictures.side)
        .fitted.write(to: picture(seen, isTruth: false))
    }
    try AtomicFile.write(result.compact + "\n", to: testFile)
  }
}

extension Image {
  /// The image in no more pixels than a report shows.
  fileprivate var fitted: Image {
    let longer = max(width, height)
    guard longer > 384 else { return self }
    return resized(
      width: max(1, width * 384 / longer), height: max(1, height * 384 / longer), .area)
  }
}
