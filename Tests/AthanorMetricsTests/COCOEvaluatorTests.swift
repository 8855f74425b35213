import AthanorCore
import AthanorKernels
import AthanorMetrics
import Testing

@Suite struct COCOEvaluatorTests {
  func box(_ x: Float, _ y: Float, _ size: Float, label: Int = 0) -> BoundingBox {
    BoundingBox(x1: x, y1: y, x2: x + size, y2: y + size, label: label)
  }

  @Test func perfectDetectionsScoreOne() {
    var evaluator = COCOEvaluator(classes: 2)
    evaluator.add(
      truths: [box(0, 0, 10), box(50, 50, 40, label: 1), box(100, 0, 100)],
      detections: [box(0, 0, 10), box(50, 50, 40, label: 1), box(100, 0, 100)],
      scores: [0.9, 0.8, 0.7])
    for (key, value) in evaluator.evaluate().metrics.scalars where key != "AR1" {
      #expect(abs(value - 1) < 1e-12, "\(key)")  // pycocotools adds 2⁻⁵² to the count
    }
    // One detection an image and class finds one of two objects of class 0.
    #expect(evaluator.evaluate().metrics.AR1 == 0.75)
  }

  @Test func halfOfTheObjectsAtFullPrecision() {
    var evaluator = COCOEvaluator(classes: 1)
    evaluator.add(
      truths: [box(0, 0, 10), box(50, 0, 10)], detections: [box(0, 0, 10)], scores: [1])
    let metrics = evaluator.evaluate().metrics
    #expect(abs(metrics.AP - 51.0 / 101) < 1e-12)  // recalls 0, .01 … .50
    #expect(metrics.AR100 == 0.5)
    #expect(metrics.APm == -1 && metrics.ARl == -1)
  }

  @Test func aWrongDetectionAboveTheRightOne() {
    var evaluator = COCOEvaluator(classes: 1)
    evaluator.add(
      truths: [box(0, 0, 10)], detections: [box(80, 0, 10), box(0, 0, 10)], scores: [0.9, 0.5])
    #expect(abs(evaluator.evaluate().metrics.AP - 0.5) < 1e-12)
  }

  @Test func scoresOfAnySign() {
    var evaluator = COCOEvaluator(classes: 1)
    evaluator.add(
      truths: [box(0, 0, 10)], detections: [box(80, 0, 10), box(0, 0, 10)], scores: [-3, -1])
    #expect(abs(evaluator.evaluate().metrics.AP - 1) < 1e-12)
  }

  @Test func overlapDecidesTheThresholdsThatCount() {
    // IoU 0.6 exactly: right at .50, .55 and .60, wrong above.
    var evaluator = COCOEvaluator(classes: 1)
    evaluator.add(
      truths: [COCOTruth(x: 0, y: 0, width: 10, height: 10, category: 0)],
      detections: [COCODetection(x: 0, y: 0, width: 6, height: 10, category: 0, score: 1)])
    let metrics = evaluator.evaluate().metrics
    #expect(abs(metrics.AP - 0.3) < 1e-12)
    #expect(abs(metrics.AP50 - 1) < 1e-12 && metrics.AP75 == 0)
  }

  @Test func crowdsForgiveAnyNumberOfDetections() {
    var evaluator = COCOEvaluator(classes: 1)
    evaluator.add(
      truths: [
        COCOTruth(x: 0, y: 0, width: 100, height: 100, category: 0, isCrowd: true),
        COCOTruth(x: 200, y: 0, width: 10, height: 10, category: 0),
      ],
      detections: (0..<5).map {
        COCODetection(
          x: Double($0) * 10, y: 0, width: 10, height: 10, category: 0, score: 0.9)
      } + [COCODetection(x: 200, y: 0, width: 10, height: 10, category: 0, score: 0.1)])
    #expect(abs(evaluator.evaluate().metrics.AP - 1) < 1e-12)
  }

  @Test func nothingThereAndNothingAdded() {
    var evaluator = COCOEvaluator(classes: 1)
    #expect(evaluator.evaluate().metrics.scalars.allSatisfy { $0.value == -1 })
    evaluator.add(truths: [], detections: [box(0, 0, 5)], scores: [1])
    #expect(evaluator.evaluate().metrics.scalars.allSatisfy { $0.value == -1 })
    #expect(evaluator.evaluate().curve() == nil)
    #expect(evaluator.evaluate().perClassAP == [nil])
  }

  @Test func curvesCarryPrecisionRecallAndScore() throws {
    var evaluator = COCOEvaluator(classes: 3)
    evaluator.add(
      truths: [box(0, 0, 10), box(50, 0, 10), box(0, 50, 10, label: 1)],
      detections: [box(0, 0, 10), box(90, 0, 10), box(50, 0, 10)], scores: [0.75, 0.5, 0.25])
    let evaluation = evaluator.evaluate()
    let curve = try #require(evaluation.curve(category: 0))
    #expect(curve.recalls.count == 101 && curve.threshold == 0.5)
    #expect(abs(curve.precisions[50] - 1) < 1e-12 && curve.scores?[50] == 0.75)
    #expect(abs(curve.precisions[51] - 2.0 / 3) < 1e-12 && curve.scores?[51] == 0.25)
    let ofClass = try #require(evaluation.perClassAP50[0])
    #expect(curve.averagePrecision == ofClass)
    // Class 1 was never detected, class 2 is absent from the truth.
    #expect(evaluation.perClassAP[1] == 0 && evaluation.perClassAP[2] == nil)
    let mean = try #require(evaluation.curve())
    #expect(mean.scores == nil)
    #expect(abs(mean.averagePrecision - evaluation.metrics.AP50) < 1e-12)
  }

  @Test func theNumberOfThreadsDoesNotMatter() {
    var random = Generator(5)
    var evaluator = COCOEvaluator(classes: 3)
    for _ in 0..<40 {
      func some(_ count: Int) -> [BoundingBox] {
        (0..<count).map { _ in
          box(
            Float(random.integer(in: 0..<40)), Float(random.integer(in: 0..<40)),
            Float(random.integer(in: 10..<40)), label: random.integer(in: 0..<3))
        }
      }
      let found = some(30)
      evaluator.add(
        truths: some(8), detections: found,
        scores: found.map { _ in Float(random.integer(in: 0..<9)) / 8 })
    }
    let before = Threads.count
    defer { Threads.count = before }
    Threads.count = 1
    let one = evaluator.evaluate().metrics
    Threads.count = 4
    #expect(evaluator.evaluate().metrics == one)
    #expect(one.AP50 > 0 && one.AP50 < 1)
  }
}
