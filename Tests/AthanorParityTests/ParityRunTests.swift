import AthanorCore
import AthanorParity
import Testing

@Suite(.serialized) struct ParityRunTests {
  @Test(arguments: parityOps.map(\.name))
  func everyOpOfTheTableIsAtParity(name: String) throws {
    let run = try ParityRun(
      only: [name], sizes: [(64, 48), (97, 61)], threads: [1, 2], repeats: 1)
    let report = try run { _, _ in }
    #expect(report.rows.count == run.count && run.count == 4)
    #expect(report.isIdentical, "\(report.markdown)")
    for row in report.rows {
      #expect(row.ratio > 0 && row.ratioLow <= row.ratio && row.ratio <= row.ratioHigh)
    }
    #expect(report.meanRatio.isFinite)
    let rows = try #require(report.json["results"]?.array)
    #expect(rows.count == 4)
    for key in [
      "op", "size", "threads", "identical", "maxAbsDiff", "differing", "swiftMs", "referenceMs",
      "ratio", "ratioLow", "ratioHigh", "busySwift", "busyReference",
    ] { #expect(rows[0][key] != nil, "\(key)") }
  }

  @Test(arguments: parityOps.map(\.name))
  func everyOpIsAtParityOn4K(name: String) throws {
    let run = try ParityRun(only: [name], sizes: [(3840, 2160)], threads: [2], repeats: 1)
    let report = try run { _, _ in }
    #expect(report.isIdentical, "\(report.markdown)")
  }

  @Test func anUnknownOpIsNamed() {
    let error = #expect(throws: SettingsError.self) {
      try ParityRun(only: ["resize_liner"], sizes: [], threads: [], repeats: 1)
    }
    #expect(error?.suggestion == "resize_linear")
  }
}
