/// Bits of one detection, for each object size and IoU threshold: bit size · 10 + threshold.
enum COCOBits {
  static let ofOneSize: UInt64 = 1 << UInt64(COCOParameters.thresholds.count) - 1
  static let all: UInt64 =
    1 << UInt64(COCOParameters.Size.allCases.count * COCOParameters.thresholds.count) - 1
  /// One bit for each size.
  private static let firsts = COCOParameters.Size.allCases.reduce(0) { $0 | first($1) }

  static func first(_ size: COCOParameters.Size) -> UInt64 {
    1 << UInt64(size.rawValue * COCOParameters.thresholds.count)
  }

  /// The sizes that an area does not belong to, at every threshold.
  static func outside(_ area: Double) -> UInt64 {
    COCOParameters.Size.allCases.reduce(0) { bits, size in
      size.range.contains(area) ? bits : bits | first(size) * ofOneSize
    }
  }

  /// The thresholds that an overlap reaches, at every size. NaN reaches all, as in pycocotools.
  static func reached(_ overlap: Double) -> UInt64 {
    let count = COCOParameters.thresholds.count { !(overlap < min($0, 1 - 1e-10)) }
    return firsts * (1 << UInt64(count) - 1)
  }
}

/// Matches the detections of one class in one image to its true objects.
///
/// By falling score, a detection is matched to the unmatched object with the largest overlap of at
/// least the threshold, the later of two equal ones. Objects out of the size range and crowds are
/// ignored: they are matched only where there is no other, a crowd by any number of detections.
/// Detections matched to an ignored object are ignored, as are unmatched ones out of the
/// size range.
///
/// Parity: pycocotools' `evaluateImg`.
struct COCOMatcher {
  private struct Object {
    var truth: COCOTruth
    /// The sizes at which it is ignored.
    var ignored: UInt64
    var taken: UInt64 = 0
  }

  private var objects: [Object] = []
  /// Objects that overlap the detection enough for a threshold.
  private var near: [(object: Int, overlap: Double, reached: UInt64)] = []

  mutating func begin(_ truths: ArraySlice<COCOTruth>) {
    objects.removeAll(keepingCapacity: true)
    for truth in truths {
      objects.append(
        Object(
          truth: truth, ignored: truth.isCrowd ? COCOBits.all : COCOBits.outside(truth.area)))
    }
  }

  /// The cells where the next detection by falling score is right, and those where it is ignored.
  mutating func add(_ detection: COCODetection) -> (matched: UInt64, ignored: UInt64) {
    near.removeAll(keepingCapacity: true)
    for i in objects.indices {
      let overlap = overlap(detection, objects[i].truth)
      if overlap < COCOParameters.thresholds[0] { continue }
      near.append((i, overlap, COCOBits.reached(overlap)))
    }
    var (matched, ignored): (UInt64, UInt64) = (0, 0)
    if near.count == 1 {
      (matched, ignored) = take(near[0].object, near[0].reached)
    } else if near.count > 1 {
      for bit in 0..<COCOBits.all.nonzeroBitCount {
        guard let best = best(1 << UInt64(bit)) else { continue }
        let taken = take(best, 1 << UInt64(bit))
        matched |= taken.matched
        ignored |= taken.ignored
      }
    }
    if matched != COCOBits.all { ignored |= COCOBits.outside(detection.area) & ~matched }
    return (matched, ignored)
  }

  /// Matches an object at those of the `bits` where it is unmatched.
  private mutating func take(_ i: Int, _ bits: UInt64) -> (matched: UInt64, ignored: UInt64) {
    let free = objects[i].truth.isCrowd ? bits : bits & ~objects[i].taken
    objects[i].taken |= free
    return (objects[i].truth.matchCounts ? free : 0, free & objects[i].ignored)
  }

  private func best(_ bit: UInt64) -> Int? {
    var best: Int?
    for ignored in [0, bit] {
      var least = -Double.infinity
      for (i, overlap, reached) in near where reached & bit != 0 {
        let object = objects[i]
        if object.ignored & bit != ignored || overlap < least { continue }
        if object.taken & bit != 0, !object.truth.isCrowd { continue }
        (least, best) = (overlap, i)
      }
      if best != nil { break }
    }
    return best
  }
}
