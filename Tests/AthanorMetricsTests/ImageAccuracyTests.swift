import AthanorCore
import AthanorMetrics
import Testing

@Suite struct ImageAccuracyTests {
  @Test func handComputed() {
    var accuracy = ImageAccuracy(classes: 3)
    accuracy.add(scores: [0.1, 0.7, 0.2], truth: 1)
    accuracy.add(scores: [0.5, 0.2, 0.3], truth: 2)
    accuracy.add(scores: [0.1, 0.2, 0.7], truth: 2)
    #expect(accuracy.images == 3 && accuracy.accuracy == 2.0 / 3)
    // Of three classes every one is among the best five.
    #expect(accuracy.accuracyTop5 == 1)
    #expect(accuracy.perClassAccuracy == [nil, 1, 0.5])
  }

  /// As `argmax` does: of equal scores the first is the prediction.
  @Test func ofEqualScoresTheFirstIsAhead() {
    var accuracy = ImageAccuracy(classes: 7)
    let even = [Float](repeating: 1, count: 7)
    for truth in 0..<7 { accuracy.add(scores: even, truth: truth) }
    #expect(accuracy.accuracy == 1.0 / 7 && accuracy.accuracyTop5 == 5.0 / 7)
    #expect(accuracy.perClassAccuracy == [1, 0, 0, 0, 0, 0, 0])
  }

  @Test(arguments: [1, 2, 5, 6, 40])
  func agreesWithSorting(_ classes: Int) {
    var random = Generator(classes)
    var accuracy = ImageAccuracy(classes: classes)
    var (first, five, byClass) = (0, 0, [Int: (images: Int, right: Int)]())
    for _ in 0..<300 {
      // Few values, so that many are equal.
      let scores = (0..<classes).map { _ in Float(random.integer(in: 0..<8)) }
      let truth = random.integer(in: 0..<classes)
      accuracy.add(scores: scores, truth: truth)
      let order = scores.indices.sorted { (-scores[$0], $0) < (-scores[$1], $1) }
      first += order[0] == truth ? 1 : 0
      five += order.prefix(5).contains(truth) ? 1 : 0
      byClass[truth, default: (0, 0)].images += 1
      byClass[truth, default: (0, 0)].right += order[0] == truth ? 1 : 0
    }
    #expect(accuracy.accuracy == Double(first) / 300)
    #expect(accuracy.accuracyTop5 == Double(five) / 300)
    #expect(
      accuracy.perClassAccuracy
        == (0..<classes).map { c in byClass[c].map { Double($0.right) / Double($0.images) } })
  }

  @Test func nothingAdded() {
    let accuracy = ImageAccuracy(classes: 2)
    #expect(accuracy.images == 0 && accuracy.accuracy.isNaN)
    #expect(accuracy.perClassAccuracy == [nil, nil])
  }
}
