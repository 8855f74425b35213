import AthanorMetrics
import Testing

@Suite struct PascalVOCTests {
  func truth(_ x: Double, difficult: Bool = false) -> COCOTruth {
    COCOTruth(x: x, y: 0, width: 9, height: 9, category: 0, isCrowd: difficult)
  }

  func detection(_ x: Double, _ score: Double, category: Int = 0) -> COCODetection {
    COCODetection(x: x, y: 0, width: 9, height: 9, category: category, score: score)
  }

  @Test func rightWrongRightOfThree() throws {
    var evaluator = PascalVOCEvaluator(classes: 2)
    evaluator.add(
      truths: [truth(0), truth(20)],
      detections: [detection(0, 0.9), detection(50, 0.8), detection(20, 0.7)])
    evaluator.add(truths: [truth(0)], detections: [])
    // Precision 1, 1/2, 2/3 at recall 1/3, 1/3, 2/3.
    let all = try #require(evaluator.averagePrecision(.allPoint)[0])
    #expect(abs(all - (1.0 / 3 + 2.0 / 9)) < 1e-12)
    let eleven = try #require(evaluator.averagePrecision(.elevenPoint)[0])
    #expect(abs(eleven - (4 + 3 * 2.0 / 3) / 11) < 1e-12)
    #expect(evaluator.averagePrecision(.allPoint)[1] == nil)
    #expect(evaluator.meanAveragePrecision(.allPoint) == all)
  }

  @Test func aSecondDetectionIsWrongAndDoesNotMoveOn() throws {
    // Both look at the box at 0, which they overlap most; COCO would give the second to the other.
    var evaluator = PascalVOCEvaluator(classes: 1, threshold: 0.3)
    evaluator.add(
      truths: [truth(0), truth(6)], detections: [detection(0, 0.9), detection(2, 0.8)])
    let all = try #require(evaluator.averagePrecision(.allPoint)[0])
    #expect(abs(all - 0.5) < 1e-12)
  }

  @Test func difficultBoxesDoNotCount() {
    var evaluator = PascalVOCEvaluator(classes: 1)
    evaluator.add(
      truths: [truth(0, difficult: true), truth(20)],
      detections: [detection(0, 0.9), detection(0, 0.8), detection(20, 0.7)])
    #expect(evaluator.averagePrecision(.allPoint) == [1])
    var only = PascalVOCEvaluator(classes: 1)
    only.add(truths: [truth(0, difficult: true)], detections: [])
    #expect(only.meanAveragePrecision(.elevenPoint) == nil)
  }

  @Test func widthsCountWholePixels() {
    // 10×10 and 5×10 pixels: IoU .5 in whole pixels, 4·9/81 in continuous coordinates.
    let half = COCODetection(x: 0, y: 0, width: 4, height: 9, category: 0, score: 1)
    var devkit = PascalVOCEvaluator(classes: 1)
    devkit.add(truths: [truth(0)], detections: [half])
    #expect(devkit.averagePrecision(.elevenPoint)[0].map { abs($0 - 1) < 1e-12 } == true)
    var continuous = PascalVOCEvaluator(classes: 1, wholePixels: false)
    continuous.add(truths: [truth(0)], detections: [half])
    #expect(continuous.averagePrecision(.elevenPoint) == [0])
  }

  @Test func recallOfThreeTenthsReachesThreeTenths() throws {
    var evaluator = PascalVOCEvaluator(classes: 1)
    evaluator.add(
      truths: (0..<10).map { truth(Double($0) * 20) },
      detections: (0..<3).map { detection(Double($0) * 20, 0.5) })
    let eleven = try #require(evaluator.averagePrecision(.elevenPoint)[0])
    #expect(abs(eleven - 4.0 / 11) < 1e-12)
  }
}
