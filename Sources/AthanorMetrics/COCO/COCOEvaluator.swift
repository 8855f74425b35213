import AthanorCore
import AthanorKernels

/// COCO's detection metrics: collects images, then answers with precision and recall.
///
///     var evaluator = COCOEvaluator(classes: 3)
///     for image in images {
///       evaluator.add(truths: image.truths, detections: image.detections)
///     }
///     let metrics = evaluator.evaluate().metrics      // AP, AP50, …
///
/// Images are told apart by the order they are added in; that order also decides between equal
/// scores of different images.
///
/// Source: Lin et al., Microsoft COCO, ECCV 2014, and its evaluation code.
/// Parity: pycocotools' `COCOeval(bbox)`, equal to the last bit.
public struct COCOEvaluator: Sendable {
  /// Truths and detections of one class in one image.
  struct Pair {
    var truths: [COCOTruth] = []
    var detections: [COCODetection] = []
  }

  public let classes: Int
  public private(set) var images = 0
  /// By class, in the order of images; none where an image has neither.
  private var pairs: [[Pair]]

  public init(classes: Int) {
    precondition(classes > 0, "COCOEvaluator: \(classes) classes")
    self.classes = classes
    pairs = [[Pair]](repeating: [], count: classes)
  }

  /// Adds one image with everything in it, or nothing.
  ///
  /// Traps when a category is not in `0..<classes`.
  public mutating func add(truths: [COCOTruth], detections: [COCODetection]) {
    images += 1
    var byClass: [Int: Pair] = [:]
    for truth in truths { byClass[truth.category, default: Pair()].truths.append(truth) }
    for detection in detections {
      byClass[detection.category, default: Pair()].detections.append(detection)
    }
    for (category, pair) in byClass {
      precondition(
        pairs.indices.contains(category),
        "COCOEvaluator.add: category \(category), not in 0..<\(classes)")
      pairs[category].append(pair)
    }
  }

  /// Adds one image as training sees it: boxes with the area of the box, no crowds.
  ///
  /// Shapes: as many scores as detections; traps otherwise.
  public mutating func add(truths: [BoundingBox], detections: [BoundingBox], scores: [Float]) {
    precondition(
      detections.count == scores.count,
      "COCOEvaluator.add: \(detections.count) detections, \(scores.count) scores")
    add(
      truths: truths.map { COCOTruth($0) },
      detections: zip(detections, scores).map { COCODetection($0, score: $1) })
  }

  /// Precision and recall over everything added so far.
  public func evaluate() -> COCOEvaluation {
    let all = pairs.flatMap(\.self)
    let matches = parallelMap(all.count, grain: 8) {
      COCOMatches(truths: all[$0].truths, detections: all[$0].detections)
    }
    var start = 0
    let ofClass = pairs.map { pairs in
      defer { start += pairs.count }
      return matches[start..<start + pairs.count]
    }
    let ranked = parallelMap(classes) { RankedMatches(ofClass[$0]) }
    let sizes = COCOParameters.Size.allCases.count
    let cells = parallelMap(classes * sizes) { ranked[$0 / sizes].cell(size: $0 % sizes) }
    return COCOEvaluation(classes: classes, cells: cells)
  }
}
