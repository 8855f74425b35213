import AthanorCore

/// A true object for COCO evaluation: corner, size and class.
public struct COCOTruth: Equatable, Sendable {
  public var x: Double
  public var y: Double
  public var width: Double
  public var height: Double
  /// Class index in `0..<classes`.
  public var category: Int
  /// Decides whether the object is small, medium or large. COCO uses the area of its mask, not of
  /// its box.
  public var area: Double
  /// A region of many objects: detections in it are neither right nor wrong.
  public var isCrowd: Bool
  /// False for the annotation id 0: pycocotools marks a match by the annotation's id, so a match
  /// with id 0 counts as none. Reproduced for equal numbers.
  public var matchCounts = true

  public init(
    x: Double, y: Double, width: Double, height: Double, category: Int, area: Double? = nil,
    isCrowd: Bool = false
  ) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
    self.category = category
    self.area = area ?? width * height
    self.isCrowd = isCrowd
  }

  public init(_ box: BoundingBox) {
    self.init(
      x: Double(box.x1), y: Double(box.y1), width: Double(box.x2) - Double(box.x1),
      height: Double(box.y2) - Double(box.y1), category: box.label)
  }
}

/// A detected object for COCO evaluation: corner, size, class and score.
public struct COCODetection: Equatable, Sendable {
  public var x: Double
  public var y: Double
  public var width: Double
  public var height: Double
  /// Class index in `0..<classes`.
  public var category: Int
  public var score: Double

  public init(
    x: Double, y: Double, width: Double, height: Double, category: Int, score: Double
  ) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
    self.category = category
    self.score = score
  }

  public init(_ box: BoundingBox, score: Float) {
    self.init(
      x: Double(box.x1), y: Double(box.y1), width: Double(box.x2) - Double(box.x1),
      height: Double(box.y2) - Double(box.y1), category: box.label, score: Double(score))
  }

  var area: Double { width * height }
}

/// Intersection over union of continuous boxes; over the detection's own area for a crowd.
///
/// Parity: the order of operations is that of pycocotools' `bbIou`, so results are equal bit
/// for bit.
func overlap(_ detection: COCODetection, _ truth: COCOTruth) -> Double {
  let width =
    min(detection.width + detection.x, truth.width + truth.x) - max(detection.x, truth.x)
  guard width > 0 else { return 0 }
  let height =
    min(detection.height + detection.y, truth.height + truth.y) - max(detection.y, truth.y)
  guard height > 0 else { return 0 }
  let intersection = width * height
  let union =
    truth.isCrowd
    ? detection.area : detection.area + truth.width * truth.height - intersection
  return intersection / union
}
