import AthanorMetrics
import Testing

@Suite struct DeltaMTests {
  @Test func handComputed() throws {
    let delta = try DeltaM([
      .init(name: "segmentation", value: 0.88, baseline: 0.8),
      .init(name: "detection", value: 0.38, baseline: 0.4),
      .init(name: "depth", value: 1.5, baseline: 2, lowerIsBetter: true),
    ])
    #expect(abs(delta.value - 10) < 1e-9)
    #expect(delta.worst.name == "detection")
    #expect(abs(delta.worst.change + 5) < 1e-9)
  }

  @Test func refusesWhatHasNoRelativeChange() {
    #expect(throws: DeltaMError.noTasks) { try DeltaM([]) }
    #expect(throws: DeltaMError.baseline(task: "d", received: 0)) {
      try DeltaM([.init(name: "d", value: 1, baseline: 0)])
    }
    #expect(throws: DeltaMError.baseline(task: "d", received: -1)) {
      try DeltaM([.init(name: "d", value: 1, baseline: -1)])
    }
    #expect(throws: DeltaMError.self) { try DeltaM([.init(name: "d", value: .nan, baseline: 1)]) }
  }

  @Test func meanRankSharesPlaces() {
    let ranks = MeanRank.ranks(
      of: [[0.9, 2], [0.8, 1], [0.9, 3], [.nan, .nan]], lowerIsBetter: [false, true])
    let expected: [Double] = [1.75, 2, 2.25, 4]
    #expect(ranks == expected)
  }
}
