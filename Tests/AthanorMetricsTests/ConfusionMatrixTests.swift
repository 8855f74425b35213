import AthanorCore
import AthanorKernels
import AthanorMetrics
import Foundation
import Testing

@Suite struct ConfusionMatrixTests {
  @Test func handComputed() throws {
    var matrix = ConfusionMatrix(classes: 4)
    // Class 2 is only predicted, class 3 is nowhere; the last pixel does not count.
    try matrix.add(prediction: [0, 0, 1, 1, 2, 0, 250], truth: [0, 0, 0, 1, 1, 1, 255])
    #expect(matrix.counts == [2, 1, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    #expect(matrix.total == 6)
    let metrics = matrix.metrics
    #expect(metrics.perClassIoU == [0.5, 0.25, 0, nil])
    #expect(metrics.mIoU == 0.25)
    #expect(metrics.pixelAccuracy == 0.5)
    let accuracy: [Double?] = [Double(2) / 3, Double(1) / 3, nil, nil]
    #expect(metrics.perClassAccuracy == accuracy)
    #expect(metrics.meanAccuracy == 0.5)
    #expect(metrics.frequencyWeightedIoU == 0.375)
  }

  @Test func nothingCounted() throws {
    var matrix = ConfusionMatrix(classes: 2)
    try matrix.add(prediction: [], truth: [])
    try matrix.add(prediction: [9, 9], truth: [255, 255])
    let metrics = matrix.metrics
    #expect(metrics.mIoU == nil && metrics.pixelAccuracy == nil && metrics.meanAccuracy == nil)
    #expect(metrics.frequencyWeightedIoU == nil && metrics.perClassIoU == [nil, nil])
  }

  @Test func refusesValuesThatAreNoClass() throws {
    var matrix = ConfusionMatrix(classes: 2)
    #expect(
      throws: ClassIndexError(pixel: 1, role: .prediction, received: 2, classes: 2)
    ) { try matrix.add(prediction: [0, 2, 255], truth: [0, 1, 1]) }
    #expect(throws: ClassIndexError(pixel: 2, role: .truth, received: 254, classes: 2)) {
      try matrix.add(prediction: [0, 1, 0], truth: [0, 1, 254])
    }
    #expect(matrix.total == 0)
  }

  @Test func anotherIgnoredValue() throws {
    var matrix = ConfusionMatrix(classes: 256, ignore: 0)
    try matrix.add(prediction: [255, 3], truth: [255, 0])
    #expect(matrix[truth: 255, prediction: 255] == 1 && matrix.total == 1)
  }

  @Test func agreesWithCountingOneByOneOnAnyThreads() throws {
    var random = Generator(3)
    let count = 200_003
    var truth: [UInt8] = [], prediction: [UInt8] = []
    while truth.count < count {
      let run = min(random.integer(in: 1..<40), count - truth.count)
      let value = random.chance(0.1) ? 255 : UInt8(random.integer(in: 0..<21))
      truth += [UInt8](repeating: value, count: run)
      prediction += (0..<run).map { _ in
        random.chance(0.8) && value != 255 ? value : UInt8(random.integer(in: 0..<21))
      }
    }
    var counts = [Int](repeating: 0, count: 21 * 21)
    for (t, p) in zip(truth, prediction) where t != 255 { counts[Int(t) * 21 + Int(p)] += 1 }
    let before = Threads.count
    defer { Threads.count = before }
    for threads in [1, 2, 5] {
      Threads.count = threads
      var matrix = ConfusionMatrix(classes: 21)
      try matrix.add(prediction: prediction, truth: truth)
      #expect(matrix.counts == counts)
      var other = ConfusionMatrix(classes: 21)
      other.merge(matrix)
      other.merge(matrix)
      #expect(other.counts == counts.map { $0 * 2 })
    }
    // The first fault is named, whichever thread meets it.
    truth[150_000] = 77
    truth[60_000] = 78
    var matrix = ConfusionMatrix(classes: 21)
    #expect(throws: ClassIndexError(pixel: 60_000, role: .truth, received: 78, classes: 21)) {
      try matrix.add(prediction: prediction, truth: truth)
    }
  }

  @Test func encodesTheContractsKeys() throws {
    var matrix = ConfusionMatrix(classes: 3)
    try matrix.add(prediction: [0, 1, 1, 0], truth: [0, 1, 1, 1])
    let summary = SegmentationSummary(matrix.metrics, classNames: ["sky", "road", "tree"])
    let object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(summary))
    let root = try #require(object as? [String: Any])
    #expect(
      Set(root.keys) == [
        "mIoU", "pixelAccuracy", "meanAccuracy", "frequencyWeightedIoU", "perClassIoU",
      ])
    let classes = try #require(root["perClassIoU"] as? [String: Any])
    #expect(classes["sky"] as? Double == 0.5)
    #expect(classes["tree"] is NSNull)
  }
}
