import AthanorCore
import AthanorTasks
import Testing

@Suite struct NonMaximumSuppressionTests {
  func box(_ x1: Float, _ y1: Float, _ x2: Float, _ y2: Float, _ label: Int = 0) -> BoundingBox {
    BoundingBox(x1: x1, y1: y1, x2: x2, y2: y2, label: label)
  }

  @Test func keepsTheBestOfAnOverlappingPair() {
    let boxes = [box(0, 0, 10, 10), box(1, 0, 11, 10), box(20, 0, 30, 10)]
    #expect(
      NonMaximumSuppression.kept(of: boxes, scores: [0.5, 0.9, 0.7], threshold: 0.5) == [1, 2])
  }

  @Test func thresholdIsStrict() {
    // 4 of 8 + 8 - 4: IoU is exactly 1/3; and 1/2 for one half of the other.
    let boxes = [box(0, 0, 4, 4), box(0, 0, 4, 2)]
    #expect(NonMaximumSuppression.kept(of: boxes, scores: [0.9, 0.8], threshold: 0.5) == [0, 1])
    #expect(
      NonMaximumSuppression.kept(of: boxes, scores: [0.9, 0.8], threshold: (0.5 as Float).nextDown)
        == [0])
  }

  @Test func tiesKeepTheirOrderAndNaNComesLast() {
    let boxes = [box(0, 0, 1, 1), box(2, 0, 3, 1), box(4, 0, 5, 1), box(4, 0, 5, 1)]
    #expect(
      NonMaximumSuppression.kept(of: boxes, scores: [.nan, 0.5, 0.5, 0.5], threshold: 0.5)
        == [1, 2, 0])
  }

  @Test func labelsDoNotSuppressEachOther() {
    let boxes = [box(0, 0, 4, 4, 0), box(0, 0, 4, 4, 1), box(0, 0, 4, 4, 0)]
    let scores: [Float] = [0.1, 0.2, 0.3]
    #expect(NonMaximumSuppression.kept(of: boxes, scores: scores, threshold: 0.5) == [2, 1])
    #expect(
      NonMaximumSuppression.kept(of: boxes, scores: scores, threshold: 0.5, limit: 1) == [2])
  }

  @Test func aDroppedBoxSuppressesNothing() {
    // The middle box overlaps both others, which do not overlap each other enough.
    let boxes = [box(0, 0, 10, 10), box(3, 0, 13, 10), box(6, 0, 16, 10)]
    #expect(
      NonMaximumSuppression.kept(of: boxes, scores: [0.9, 0.8, 0.7], threshold: 0.5) == [0, 2])
  }

  @Test func emptyAndZeroAreaBoxes() {
    #expect(NonMaximumSuppression.kept(of: [], scores: [], threshold: 0.5).isEmpty)
    let points = [box(1, 1, 1, 1), box(1, 1, 1, 1)]
    #expect(NonMaximumSuppression.kept(of: points, scores: [1, 1], threshold: 0) == [0, 1])
    #expect(
      NonMaximumSuppression.keptByDistance(of: points, scores: [1, 1], threshold: 0) == [0, 1])
  }

  @Test func distanceSpeaksForTwoObjects() {
    let boxes = [box(0, 0, 10, 10), box(3, 0, 13, 10)]  // IoU 7/13, penalty 9/269
    let iou: Float = 7.0 / 13, penalty: Float = 9.0 / 269
    let between = iou - penalty / 2
    #expect(NonMaximumSuppression.kept(of: boxes, scores: [1, 0.5], threshold: between) == [0])
    #expect(
      NonMaximumSuppression.keptByDistance(of: boxes, scores: [1, 0.5], threshold: between)
        == [0, 1])
    #expect(
      NonMaximumSuppression.keptByDistance(
        of: boxes, scores: [1, 0.5], threshold: between, beta: 2) == [0])
  }

  @Test func softSuppressionDecaysScores() {
    let boxes = [box(0, 0, 4, 4), box(0, 0, 4, 2), box(0, 0, 4, 4, 7)]
    let linear = SoftNonMaximumSuppression(.linear()).kept(of: boxes, scores: [0.9, 0.8, 0.5])
    #expect(linear.map(\.index) == [0, 2, 1])
    #expect(linear.map(\.score) == [0.9, 0.5, 0.4])
    let above = SoftNonMaximumSuppression(.linear(threshold: 0.5))
    #expect(above.kept(of: boxes, scores: [0.9, 0.8, 0.5]).map(\.score) == [0.9, 0.8, 0.5])
    let gaussian = SoftNonMaximumSuppression().kept(of: boxes, scores: [0.9, 0.8, 0.5])
    #expect(gaussian.map(\.index) == [0, 2, 1])
    #expect(abs(gaussian[2].score - 0.8 * 0.6065307) < 1e-6)
    let twins = [box(0, 0, 4, 4), box(0, 0, 4, 4)]
    let one = SoftNonMaximumSuppression(.linear()).kept(of: twins, scores: [0.9, 0.8])
    #expect(one.map(\.index) == [0])
  }
}
