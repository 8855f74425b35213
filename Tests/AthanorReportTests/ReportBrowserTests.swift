import AthanorCore
import AthanorExperiment
import AthanorReport
import Foundation
import TestSupport
import Testing

@Test(.enabled(if: Browser.path != nil, "chromium is not installed"), arguments: [1280, 500])
func thePageWorksInABrowser(_ width: Int) throws {
  var folders = try RunFolders()
  for seed in 0...2 {
    let more = Double(seed * seed) * 0.05
    for (index, weighting) in [
      "fixed", "uncertainty", "{name: fixed, weights: {segmentation: 0.5, detection: 1.5}}",
      "{name: fixed, weights: {segmentation: 1.5, detection: 0.5}}",
    ].enumerated() {
      let step = Double(index) * 0.02
      try folders.add(
        "r\(index)-\(seed)", role: index > 1 ? "front" : "method", seed: seed,
        ["weighting=\(weighting)"], test: (0.3 + step + more, 0.4 - step + more))
    }
  }
  try folders.writePlan()
  _ = try folders.report()
  let page = folders.folder.file("report.html")
  let (verdict, complaints) = try Browser.inspect(page, width: width)
  #expect(complaints.isEmpty)
  let hasFigures = Browser.program(["gnuplot"]) != nil
  // The plane, the front, and four quantities for two methods each; σ is not recorded here.
  #expect(verdict.hasPrefix("figures \(hasFigures ? 10 : 0), sorted "))
  #expect(verdict.hasSuffix("faults []"))
}
