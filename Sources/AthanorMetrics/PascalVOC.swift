/// Pascal VOC's average precision at one IoU threshold.
///
/// Detections of a class are taken by falling score (stable). Each is compared with the true box it
/// overlaps most in its image: below the threshold it is wrong; the first one at a box is right,
/// further ones are wrong. No other unmatched box is tried, which is how VOC differs from COCO.
///
/// The devkit's conventions, all on by default:
/// - `wholePixels`: corners are pixel indices, so a width is x2 − x1 + 1. Turn it off for boxes in
///   continuous coordinates, such as this library's own and those of COCO files.
/// - a box marked `difficult`, here `isCrowd`, is not counted, and a detection at it is neither
///   right nor wrong.
/// - the threshold is inclusive (some ports compare with >).
///
/// Recall is compared with the eleven points in whole numbers, so a recall of 3/10 reaches .3.
///
/// Source: Everingham et al., The Pascal VOC Challenge, IJCV 2010, §4.2; `VOCevaldet.m`.
public struct PascalVOCEvaluator: Sendable {
  public enum Rule: Sendable {
    /// The mean of the best precision at recalls 0, .1 … 1: VOC until 2009.
    case elevenPoint
    /// The area under the precision envelope, at every recall: VOC from 2010.
    case allPoint
  }

  private enum Verdict { case right, wrong, ignored }

  public let classes: Int
  public let threshold: Double
  public let wholePixels: Bool
  private var truths: [[COCOTruth]] = []
  private var detections: [(image: Int, box: COCODetection)] = []

  public init(classes: Int, threshold: Double = 0.5, wholePixels: Bool = true) {
    precondition(classes > 0, "PascalVOCEvaluator: \(classes) classes")
    self.classes = classes
    self.threshold = threshold
    self.wholePixels = wholePixels
  }

  /// Adds one image with everything in it, or nothing.
  public mutating func add(truths: [COCOTruth], detections: [COCODetection]) {
    self.detections += detections.map { (self.truths.count, $0) }
    self.truths.append(truths)
  }

  /// AP by class; `nil` for a class without a box to be found.
  public func averagePrecision(_ rule: Rule) -> [Double?] {
    (0..<classes).map { category in
      let objects = truths.joined().count { $0.category == category && !$0.isCrowd }
      guard objects > 0 else { return nil }
      let curve = verdicts(category).filter { $0 != .ignored }
      var (right, points) = (0, [(right: Int, precision: Double)]())
      for (i, verdict) in curve.enumerated() {
        if verdict == .right { right += 1 }
        points.append((right, Double(right) / Double(i + 1)))
      }
      switch rule {
      case .elevenPoint: return Self.elevenPoint(points, objects: objects)
      case .allPoint: return Self.allPoint(points, objects: objects)
      }
    }
  }

  /// The mean over the classes with truth; `nil` without any.
  public func meanAveragePrecision(_ rule: Rule) -> Double? {
    let present = averagePrecision(rule).compactMap(\.self)
    return present.isEmpty ? nil : present.reduce(0, +) / Double(present.count)
  }

  /// Every detection of the class, by falling score.
  private func verdicts(_ category: Int) -> [Verdict] {
    let candidates = detections.filter { $0.box.category == category }
    let truths = truths.map { $0.filter { $0.category == category } }
    var found = truths.map { [Bool](repeating: false, count: $0.count) }
    return stableDescending(candidates.map(\.box.score)).map { candidate in
      let index = Int(candidate)
      let (image, box) = candidates[index]
      var best: (index: Int, overlap: Double)?
      for (i, truth) in truths[image].enumerated() {
        let overlap = overlap(box, truth)
        if overlap > best?.overlap ?? 0 { best = (i, overlap) }
      }
      guard let best, best.overlap >= threshold else { return .wrong }
      if truths[image][best.index].isCrowd { return .ignored }
      if found[image][best.index] { return .wrong }
      found[image][best.index] = true
      return .right
    }
  }

  private func overlap(_ a: COCODetection, _ b: COCOTruth) -> Double {
    let one = wholePixels ? 1.0 : 0.0
    let width = min(a.x + a.width, b.x + b.width) - max(a.x, b.x) + one
    let height = min(a.y + a.height, b.y + b.height) - max(a.y, b.y) + one
    guard width > 0, height > 0 else { return 0 }
    let union =
      (a.width + one) * (a.height + one) + (b.width + one) * (b.height + one) - width * height
    return width * height / union
  }

  private static func elevenPoint(
    _ points: [(right: Int, precision: Double)], objects: Int
  ) -> Double {
    (0...10).reduce(0) { sum, tenth in
      let reached = points.filter { $0.right * 10 >= tenth * objects }
      return sum + (reached.map(\.precision).max() ?? 0) / 11
    }
  }

  private static func allPoint(
    _ points: [(right: Int, precision: Double)], objects: Int
  ) -> Double {
    var (area, envelope) = (0.0, 0.0)
    for i in points.indices.reversed() {
      envelope = max(envelope, points[i].precision)
      let before = i > 0 ? points[i - 1].right : 0
      area += Double(points[i].right - before) / Double(objects) * envelope
    }
    return area
  }
}

/// VOC's mean average precision by both of its rules, and that of each class by the later one.
public struct PascalVOCSummary: Encodable, Equatable, Sendable {
  /// The area under the precision envelope; nil without a class that has truth.
  public var mAP: Double?
  /// The mean of eleven points.
  public var mAP11: Double?
  public var perClassAP: [Double?]
  public var classNames: [String]

  /// Shapes: as many names as classes; traps otherwise.
  public init(_ evaluator: PascalVOCEvaluator, classNames: [String]) {
    precondition(
      classNames.count == evaluator.classes,
      "PascalVOCSummary: \(classNames.count) names for \(evaluator.classes) classes")
    mAP = evaluator.meanAveragePrecision(.allPoint)
    mAP11 = evaluator.meanAveragePrecision(.elevenPoint)
    perClassAP = evaluator.averagePrecision(.allPoint)
    self.classNames = classNames
  }

  /// Names and values in the order people read them.
  public var scalars: [(key: String, value: Double?)] { [("mAP", mAP), ("mAP11", mAP11)] }

  public func encode(to encoder: any Encoder) throws {
    var object = encoder.container(keyedBy: TextKey.self)
    for (key, value) in scalars { try object.encode(value, forKey: TextKey(key)) }
    var perClass = object.nestedContainer(keyedBy: TextKey.self, forKey: TextKey("perClassAP"))
    for (name, value) in zip(classNames, perClassAP) {
      try perClass.encode(value, forKey: TextKey(name))
    }
  }
}

extension COCODataset {
  /// VOC's average precision at IoU .5 for a results file against an annotation file, whose crowds
  /// are difficult objects.
  ///
  /// Errors: as the two readers.
  public static func evaluateVOC(truth: String, results: String) throws -> PascalVOCSummary {
    let files = try read(truth: truth, results: results)
    let dataset = files.dataset
    var evaluator = PascalVOCEvaluator(classes: dataset.categories.count, wholePixels: false)
    for (truths, found) in zip(dataset.truths, try dataset.detections(files.results).byImage) {
      evaluator.add(truths: truths, detections: found)
    }
    return PascalVOCSummary(evaluator, classNames: dataset.categories.map(\.name))
  }
}
