/// The results of a COCO evaluation: the twelve numbers, per-class numbers and curves.
public struct COCOEvaluation: Sendable {
  public let classes: Int
  /// By size, then by class; `nil` without ground truth.
  private let cells: [COCOCell?]

  init(classes: Int, cells: [COCOCell?]) {
    self.classes = classes
    self.cells = cells
  }

  private func cell(_ category: Int, _ size: COCOParameters.Size) -> COCOCell? {
    cells[size.rawValue * classes + category]
  }

  /// COCO's twelve numbers.
  public var metrics: DetectionMetrics {
    DetectionMetrics(
      AP: precision(), AP50: precision(threshold: 0), AP75: precision(threshold: 5),
      APs: precision(size: .small), APm: precision(size: .medium), APl: precision(size: .large),
      AR1: recall(limit: 0), AR10: recall(limit: 1), AR100: recall(limit: 2),
      ARs: recall(size: .small), ARm: recall(size: .medium), ARl: recall(size: .large))
  }

  /// Mean precision over thresholds, recalls and classes with truth; −1 without truth.
  private func precision(
    threshold: Int? = nil, size: COCOParameters.Size = .all
  ) -> Double {
    let recalls = COCOParameters.recalls.count
    let cells = (0..<classes).compactMap { cell($0, size) }
    let points =
      threshold.map { $0 * recalls..<($0 + 1) * recalls }
      ?? 0..<COCOParameters.thresholds.count * recalls
    return mean(cells.map(\.precision), points)
  }

  private func recall(limit: Int = 2, size: COCOParameters.Size = .all) -> Double {
    let thresholds = COCOParameters.thresholds.count
    let cells = (0..<classes).compactMap { cell($0, size) }
    return mean(cells.map(\.recall), limit * thresholds..<(limit + 1) * thresholds)
  }

  /// The mean of the given points over all classes. Parity: summed in pycocotools' order,
  /// classes last.
  private func mean(_ ofClass: [[Double]], _ points: Range<Int>) -> Double {
    var values: [Double] = []
    values.reserveCapacity(points.count * ofClass.count)
    for point in points {
      for numbers in ofClass { values.append(numbers[point]) }
    }
    return pairwiseMean(values) ?? -1
  }

  /// AP over all thresholds by class; `nil` for a class without truth.
  public var perClassAP: [Double?] {
    (0..<classes).map { cell($0, .all).flatMap { pairwiseMean($0.precision) } }
  }

  /// AP at IoU .50 by class; `nil` for a class without truth.
  public var perClassAP50: [Double?] {
    (0..<classes).map { cell($0, .all).flatMap { pairwiseMean($0.precision(0)) } }
  }

  /// Precision over recall at one IoU, at most 100 detections per image, objects of all sizes.
  ///
  /// - Parameters:
  ///   - category: one class; `nil` for the mean over the classes with truth.
  ///   - threshold: the nearest of .50, .55 … .95 is taken.
  ///
  /// `nil` without truth.
  public func curve(category: Int? = nil, threshold: Double = 0.5) -> PrecisionRecallCurve? {
    let t = COCOParameters.thresholds.indices.min {
      abs(COCOParameters.thresholds[$0] - threshold)
        < abs(COCOParameters.thresholds[$1] - threshold)
    }!
    let cells = (category.map { [$0] } ?? Array(0..<classes)).compactMap { cell($0, .all) }
    guard !cells.isEmpty else { return nil }
    let curves = cells.map { $0.precision(t) }
    let mean = COCOParameters.recalls.indices.map { r in
      curves.reduce(0) { $0 + $1[r] } / Double(cells.count)
    }
    return PrecisionRecallCurve(
      threshold: COCOParameters.thresholds[t], recalls: COCOParameters.recalls,
      precisions: mean, scores: category == nil ? nil : cells[0].score(t),
      objects: category == nil ? nil : cells[0].objects)
  }
}

/// Precision at 101 recalls, for drawing.
public struct PrecisionRecallCurve: Equatable, Sendable {
  /// The IoU from which a detection is right.
  public var threshold: Double
  /// 0, .01 … 1.
  public var recalls: [Double]
  /// The best precision at this recall or a higher one, 0 where the recall is never reached.
  public var precisions: [Double]
  /// The score threshold that reaches the recall (0 where none does); only for one class.
  public var scores: [Double]?
  /// The number of true objects; only for one class.
  public var objects: Int?

  /// The area under the curve as COCO defines it: the mean over the recalls.
  public var averagePrecision: Double { pairwiseMean(precisions) ?? -1 }
}
