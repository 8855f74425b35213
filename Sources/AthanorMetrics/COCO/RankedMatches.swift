import AthanorKernels

/// All detections, matched, by class and in it by falling score over all images.
struct RankedMatches {
  /// The detections of class c are those at `starts[c]..<starts[c + 1]`.
  private let starts: [Int]
  private let scores: [Double]
  /// Cells where a detection is right, and where it is right or wrong; bits of `COCOBits`.
  private var right: [UInt64]
  private var counted: [UInt64]
  /// The smallest detection limit that includes the detection, in its image and class.
  private var limits: [UInt8]
  /// How many objects were there to be found, by size, then by class.
  private let objects: [Int]
  private let classes: Int

  init(
    classes: Int, truths: COCOObjects<COCOTruth>, detections: COCOObjects<COCODetection>
  ) {
    self.classes = classes
    let found = detections.items
    // By class and score; images and their detections keep their order where scores are equal.
    let ranking = stableAscending(
      stableDescending(found.map(\.score)), keys: classes, { found[Int($0)].category })
    starts = ranking.starts
    scores = ranking.items.map { found[Int($0)].score }
    // By image, then by class and score: ranks, and the truths beside them.
    var imageOf = [Int32](repeating: 0, count: found.count)
    for image in 0..<detections.images {
      for i in detections.starts[image]..<detections.starts[image + 1] { imageOf[i] = Int32(image) }
    }
    let ranks = stableAscending(
      ranking.items.indices.map { Int32($0) }, keys: detections.images,
      { Int(imageOf[Int(ranking.items[Int($0)])]) }
    ).items

    let chunks = min(max(1, detections.images / 16), 64)
    let matches = parallelMap(chunks) { chunk in
      let images =
        detections.images * chunk / chunks..<detections.images * (chunk + 1) / chunks
      return Self.match(
        images, truths, detections.starts, classes: classes,
        { found[Int(ranking.items[Int(ranks[$0])])] })
    }
    right = [UInt64](repeating: 0, count: found.count)
    counted = right
    limits = [UInt8](repeating: 0, count: found.count)
    var i = 0
    for match in matches.joined() {
      let rank = Int(ranks[i])
      right[rank] = match.right
      counted[rank] = match.counted
      limits[rank] = match.limit
      i += 1
    }
    var objects = [Int](repeating: 0, count: COCOParameters.Size.allCases.count * classes)
    for truth in truths.items where !truth.isCrowd {
      for size in COCOParameters.Size.allCases where size.range.contains(truth.area) {
        objects[size.rawValue * classes + truth.category] += 1
      }
    }
    self.objects = objects
  }

  private struct Match {
    var right: UInt64 = 0
    var counted: UInt64 = 0
    var limit: UInt8 = 0
  }

  /// Of some images, in the order of `detection`: by image, then by class and score.
  private static func match(
    _ images: Range<Int>, _ truths: COCOObjects<COCOTruth>, _ starts: [Int], classes: Int,
    _ detection: (Int) -> COCODetection
  ) -> [Match] {
    var matches: [Match] = []
    matches.reserveCapacity(starts[images.upperBound] - starts[images.lowerBound])
    var matcher = COCOMatcher()
    for image in images {
      let there = truths.starts[image]..<truths.starts[image + 1]
      let byClass = stableByClass(truths.items[there])
      var (category, rank, next) = (-1, 0, 0)
      for i in starts[image]..<starts[image + 1] {
        let detection = detection(i)
        if detection.category != category {
          (category, rank) = (detection.category, 0)
          while next < byClass.count, byClass[next].category < category { next += 1 }
          let first = next
          while next < byClass.count, byClass[next].category == category { next += 1 }
          matcher.begin(byClass[first..<next])
        }
        // Detections beyond the highest limit are not counted at all.
        var match = Match()
        if rank < COCOParameters.mostDetections {
          let (matched, ignored) = matcher.add(detection)
          match.right = matched & ~ignored
          match.counted = COCOBits.all & ~ignored
          match.limit = UInt8(COCOParameters.detectionLimits.firstIndex { rank < $0 }!)
        }
        matches.append(match)
        rank += 1
      }
    }
    return matches
  }

  private static func stableByClass(_ truths: ArraySlice<COCOTruth>) -> [COCOTruth] {
    truths.enumerated().sorted {
      ($0.element.category, $0.offset) < ($1.element.category, $1.offset)
    }.map(\.element)
  }

  /// Precision and recall of one class at one object size; `nil` without true objects.
  func cell(size: Int, category: Int) -> COCOCell? {
    let objects = objects[size * classes + category]
    guard objects > 0 else { return nil }
    let (recalls, thresholds) = (COCOParameters.recalls.count, COCOParameters.thresholds.count)
    // The least number of objects found that reaches each recall.
    var needed = [Int](repeating: 0, count: recalls)
    var count = 0
    for (r, recall) in COCOParameters.recalls.enumerated() {
      while Double(count) / Double(objects) < recall { count += 1 }
      needed[r] = count
    }
    var cell = COCOCell(objects: objects)
    let range = starts[category]..<starts[category + 1]
    /// For each right detection its rank, and the number of counted detections up to it.
    var hits: [(rank: Int, counted: Int)] = []
    for threshold in 0..<thresholds {
      let shift = UInt64(size * thresholds + threshold)
      hits.removeAll(keepingCapacity: true)
      var seen = 0
      var found = [0, 0, 0]
      for rank in range {
        seen += Int(counted[rank] >> shift & 1)
        if right[rank] >> shift & 1 == 0 { continue }
        hits.append((rank, seen))
        found[Int(limits[rank])] += 1
      }
      var total = 0
      for limit in COCOParameters.detectionLimits.indices {
        total += found[limit]
        cell.recall[limit * thresholds + threshold] = Double(total) / Double(objects)
      }
      // Only a right detection raises precision: the maximum from here on is at one.
      var (best, hit) = (0.0, hits.count)
      for r in (0..<recalls).reversed() where needed[r] <= hits.count {
        while hit > 0, hit >= needed[r] {
          let counted = Double(hits[hit - 1].counted)
          best = max(best, Double(hit) / (counted + Double.ulpOfOne))
          hit -= 1
        }
        guard needed[r] > 0 || !range.isEmpty else { continue }
        cell.precision[threshold * recalls + r] = best
        cell.score[threshold * recalls + r] =
          scores[needed[r] > 0 ? hits[needed[r] - 1].rank : range.lowerBound]
      }
    }
    return cell
  }
}

/// Precision and recall of one class at one object size.
///
/// Parity: pycocotools' `accumulate`.
struct COCOCell: Sendable {
  /// The number of true objects.
  var objects: Int
  /// By IoU threshold, then by recall: the best precision that this recall or a higher one reaches,
  /// 0 beyond the highest.
  var precision = [Double](
    repeating: 0, count: COCOParameters.thresholds.count * COCOParameters.recalls.count)
  /// Likewise the lowest score among the detections that reach the recall.
  var score = [Double](
    repeating: 0, count: COCOParameters.thresholds.count * COCOParameters.recalls.count)
  /// By detection limit, then by IoU threshold: the highest recall reached.
  var recall = [Double](
    repeating: 0, count: COCOParameters.thresholds.count * COCOParameters.detectionLimits.count)

  func precision(_ threshold: Int) -> [Double] { Array(precision[range(threshold)]) }
  func score(_ threshold: Int) -> [Double] { Array(score[range(threshold)]) }

  private func range(_ threshold: Int) -> Range<Int> {
    let recalls = COCOParameters.recalls.count
    return threshold * recalls..<(threshold + 1) * recalls
  }
}
