/// The detections of one class in one image, matched to its true objects.
struct COCOMatches {
  /// By falling score, at most 100.
  var scores: [Double]
  /// Per detection, a bit for each size and threshold (`bit(size, threshold)`): it found an object.
  var matched: [UInt64]
  /// Per detection, bits as above: it counts neither as right nor as wrong.
  var ignored: [UInt64]
  /// Per size, how many objects were there to be found.
  var objects: [Int]

  static func bit(_ size: Int, _ threshold: Int) -> UInt64 {
    1 << UInt64(size * COCOParameters.thresholds.count + threshold)
  }

  /// Greedy matching at every size and threshold.
  ///
  /// Going down the scores, a detection takes the free object it overlaps most, if that is at least
  /// the threshold; the later of two equal ones. Objects out of the size range and crowds are
  /// ignored: they are taken only where no other will do, a crowd by any number of detections.
  /// What took an ignored object, and what took none and is itself out of the range, is ignored.
  ///
  /// Parity: pycocotools' `evaluateImg`.
  init(truths: [COCOTruth], detections all: [COCODetection]) {
    let detections = Self.best(all)
    scores = detections.map(\.score)
    matched = [UInt64](repeating: 0, count: detections.count)
    ignored = matched
    objects = []
    let overlaps = detections.flatMap { detection in truths.map { overlap(detection, $0) } }
    for size in COCOParameters.Size.allCases {
      let isIgnored = truths.map { $0.isCrowd || !size.range.contains($0.area) }
      // Ignored objects last, otherwise as they come.
      let order =
        truths.indices.filter { !isIgnored[$0] } + truths.indices.filter { isIgnored[$0] }
      objects.append(isIgnored.count { !$0 })
      let outside = detections.map { !size.range.contains($0.area) }
      for (index, threshold) in COCOParameters.thresholds.enumerated() {
        let bit = Self.bit(size.rawValue, index)
        var taken = [Bool](repeating: false, count: truths.count)
        for d in detections.indices {
          var least = min(threshold, 1 - 1e-10)
          var best: Int?
          for t in order {
            if taken[t], !truths[t].isCrowd { continue }
            if let best, !isIgnored[best], isIgnored[t] { break }
            let overlap = overlaps[d * truths.count + t]
            if overlap < least { continue }
            least = overlap
            best = t
          }
          var found = false
          if let best {
            taken[best] = true
            found = truths[best].matchCounts
            if found { matched[d] |= bit }
            if isIgnored[best] { ignored[d] |= bit }
          }
          if !found, outside[d] { ignored[d] |= bit }
        }
      }
    }
  }

  /// The 100 best by score, equal ones in their order, NaN last.
  private static func best(_ detections: [COCODetection]) -> [COCODetection] {
    let order = stableDescending(detections.map(\.score))
    return order.prefix(COCOParameters.mostDetections).map { detections[$0] }
  }
}

/// Indices by falling value, equal ones in their order, NaN last.
func stableDescending(_ values: [Double]) -> [Int] {
  values.indices.sorted { a, b in
    let (left, right) = (values[a], values[b])
    if left > right { return true }
    if left < right { return false }
    if left.isNaN != right.isNaN { return right.isNaN }
    return a < b
  }
}
