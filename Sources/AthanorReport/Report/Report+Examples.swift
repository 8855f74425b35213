import AthanorCore
import AthanorExperiment
import Foundation

extension Report {
  /// The first test samples beside each method's predictions, from the run with the lowest seed.
  /// Nil where there are none.
  var examples: HTML? {
    var shown: [(method: Int, run: ReportRun)] = []
    for (index, method) in methods.enumerated() {
      guard let run = method.runs.min(by: { $0.seed ?? 0 < $1.seed ?? 0 }) else { continue }
      if (0..<Self.samplesShown).contains(where: { run.hasPicture($0) }) {
        shown.append((index, run))
      }
    }
    let samples = (0..<Self.samplesShown).filter { sample in
      shown.contains { $0.run.hasPicture(sample) }
    }
    guard !samples.isEmpty else { return nil }
    var rows: [HTML] = []
    var truth: [String: String]?
    for (index, run) in shown {
      let method = methods[index]
      func row(_ label: HTML, _ what: String, isTruth: Bool) -> HTML {
        let cells = samples.map { Self.cell(run, $0, what, isTruth: isTruth) }
        return "<tr><th scope=\"row\">\(label)</th>\(cells)</tr>"
      }
      // The truth is shown again where the samples differ.
      let data = method.keys.values.filter { $0.key == "data" || $0.key.isBelow("data") }
      if truth != data {
        rows.append(row("truth", "truth", isTruth: true))
        truth = data
      }
      rows.append(row("<b>\(index + 1)</b> \(method.label)", method.label, isTruth: false))
    }
    return """
      <div class="scroll"><table class="pictures"><tbody>\(rows)</tbody></table></div>
      <p class="caption">The first samples of test, predicted by each method's run of the lowest \
      seed. Boxes of score \(fixed(Double(RunPictures.drawnScore), 1)) or more are drawn.</p>
      """
  }

  /// A picture embedded in the page; a dash where it is missing.
  private static func cell(
    _ run: ReportRun, _ sample: Int, _ what: String, isTruth: Bool
  ) -> HTML {
    guard let bytes = try? AtomicFile.read(run.picture(sample, isTruth: isTruth)) else {
      return "<td>–</td>"
    }
    return "<td>\(ReportPage.picture(jpeg: bytes, alt: "test sample \(sample + 1), \(what)"))</td>"
  }
}

extension ReportRun {
  /// Whether there is a prediction of this sample.
  fileprivate func hasPicture(_ sample: Int) -> Bool {
    FileManager.default.fileExists(atPath: picture(sample, isTruth: false))
  }
}
