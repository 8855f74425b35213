/// All detections of one class, over all images, by falling score.
struct RankedMatches {
  private var scores: [Double] = []
  private var matched: [UInt64] = []
  private var ignored: [UInt64] = []
  /// The detection's place in its own image.
  private var places: [Int32] = []
  /// Per size, how many objects were there to be found.
  private var objects: [Int]
  private var isEmpty: Bool

  init(_ images: ArraySlice<COCOMatches>) {
    isEmpty = images.isEmpty
    objects = COCOParameters.Size.allCases.map { size in
      images.reduce(0) { $0 + $1.objects[size.rawValue] }
    }
    let scores = images.flatMap(\.scores)
    let matched = images.flatMap(\.matched)
    let ignored = images.flatMap(\.ignored)
    let places = images.flatMap { (0..<Int32($0.scores.count)).map { $0 } }
    let order = stableDescending(scores)
    self.scores = order.map { scores[$0] }
    self.matched = order.map { matched[$0] }
    self.ignored = order.map { ignored[$0] }
    self.places = order.map { places[$0] }
  }

  /// Precision and recall at one object size; `nil` where there was nothing to find.
  func cell(size: Int) -> COCOCell? {
    guard objects[size] > 0 else { return nil }
    var cell = COCOCell()
    for threshold in COCOParameters.thresholds.indices {
      let bit = COCOMatches.bit(size, threshold)
      for (index, limit) in COCOParameters.detectionLimits.enumerated() {
        let found = scores.indices.count {
          places[$0] < limit && matched[$0] & ~ignored[$0] & bit != 0
        }
        cell.recall[index][threshold] = Double(found) / Double(objects[size])
      }
      let curve = curve(bit, objects: objects[size])
      cell.precision[threshold] = curve.precision
      cell.score[threshold] = curve.score
    }
    return cell
  }

  /// Precision at the 101 recalls, each the best that this recall or a higher one reaches, and the
  /// score that reaches the recall; 0 beyond the highest recall.
  ///
  /// Parity: pycocotools' `accumulate`.
  private func curve(_ bit: UInt64, objects: Int) -> (precision: [Double], score: [Double]) {
    var precision = [Double](repeating: 0, count: scores.count)
    var recall = precision
    var (right, wrong) = (0.0, 0.0)
    for i in scores.indices {
      if ignored[i] & bit == 0 {
        if matched[i] & bit != 0 { right += 1 } else { wrong += 1 }
      }
      recall[i] = right / Double(objects)
      precision[i] = right / (wrong + right + Double.ulpOfOne)
    }
    for i in scores.indices.dropFirst().reversed() where precision[i] > precision[i - 1] {
      precision[i - 1] = precision[i]
    }
    var curve = (
      precision: [Double](repeating: 0, count: COCOParameters.recalls.count),
      score: [Double](repeating: 0, count: COCOParameters.recalls.count)
    )
    var i = 0
    for (index, wanted) in COCOParameters.recalls.enumerated() {
      while i < scores.count, recall[i] < wanted { i += 1 }
      guard i < scores.count else { break }
      curve.precision[index] = precision[i]
      curve.score[index] = scores[i]
    }
    return curve
  }
}

/// Precision and recall of one class at one object size.
struct COCOCell: Sendable {
  /// By IoU threshold, then by recall.
  var precision = [[Double]](repeating: [], count: COCOParameters.thresholds.count)
  /// The lowest score among the detections that reach the recall.
  var score = [[Double]](repeating: [], count: COCOParameters.thresholds.count)
  /// By detection limit, then by IoU threshold: the highest recall reached.
  var recall = [[Double]](
    repeating: [Double](repeating: 0, count: COCOParameters.thresholds.count),
    count: COCOParameters.detectionLimits.count)
}
