import AthanorCore
import AthanorKernels

/// COCO's detection metrics: collects images, then computes precision and recall.
///
///     var evaluator = COCOEvaluator(classes: 3)
///     for image in images {
///       evaluator.add(truths: image.truths, detections: image.detections)
///     }
///     let metrics = evaluator.evaluate().metrics      // AP, AP50, …
///
/// Images are identified by the order in which they are added, which also decides between equal
/// scores of different images.
///
/// Source: Lin et al., Microsoft COCO, ECCV 2014, and its evaluation code.
/// Parity: pycocotools' `COCOeval(bbox)`, equal to the last bit.
public struct COCOEvaluator: Sendable {
  public let classes: Int
  private var truths = COCOObjects<COCOTruth>()
  private var detections = COCOObjects<COCODetection>()

  public init(classes: Int) {
    precondition(classes > 0, "COCOEvaluator: \(classes) classes")
    self.classes = classes
  }

  /// Truths and detections of the same images, with classes in `0..<classes`.
  init(
    classes: Int, truths: COCOObjects<COCOTruth>, detections: COCOObjects<COCODetection>
  ) {
    self.init(classes: classes)
    self.truths = truths
    self.detections = detections
  }

  public var images: Int { truths.images }

  /// Adds one image with everything in it, or nothing.
  ///
  /// Traps when a category is not in `0..<classes`.
  public mutating func add(truths: [COCOTruth], detections: [COCODetection]) {
    for category in truths.map(\.category) + detections.map(\.category) {
      precondition(
        (0..<classes).contains(category),
        "COCOEvaluator.add: category \(category), not in 0..<\(classes)")
    }
    for truth in truths { self.truths.append(truth) }
    for detection in detections { self.detections.append(detection) }
    self.truths.endImage()
    self.detections.endImage()
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
    let ranked = RankedMatches(classes: classes, truths: truths, detections: detections)
    // Sizes outermost, so that every thread gets cells of all classes.
    let cells = parallelMap(COCOParameters.Size.allCases.count * classes) {
      ranked.cell(size: $0 / classes, category: $0 % classes)
    }
    return COCOEvaluation(classes: classes, cells: cells)
  }
}
