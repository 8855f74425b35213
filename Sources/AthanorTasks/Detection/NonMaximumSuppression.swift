import AthanorCore
import AthanorKernels

/// Non-maximum suppression: of the boxes that cover the same object, the one with the best score is
/// kept.
public enum NonMaximumSuppression {
  /// The boxes to keep, best score first, as indices into `boxes`.
  ///
  /// Boxes are visited in order of falling score. A box is dropped when its IoU with a kept box of
  /// the same label is strictly greater than `threshold`; a box at exactly the threshold is kept.
  /// Equal scores keep the order of `boxes`. Boxes of different labels do not affect each other.
  ///
  /// - `threshold`: IoU in 0…1.
  /// - `limit`: The most boxes to keep, over all labels.
  ///
  /// Shapes: as many scores as boxes; traps otherwise.
  /// Units: IoU of continuous boxes (no + 1), 0 where the union is empty; a NaN score sorts last.
  public static func kept(
    of boxes: [BoundingBox], scores: [Float], threshold: Float, limit: Int = .max
  ) -> [Int] {
    greedy(boxes, scores, limit: limit) { overlap($0, $1) > threshold }
  }

  /// DIoU-NMS: as `kept(of:scores:threshold:limit:)`, but boxes whose centres are far apart count
  /// as two objects.
  ///
  /// A box is dropped when IoU − (ρ²/c²)^β > `threshold`; ρ is the distance between the
  /// centres, c the diagonal of the smallest enclosing box.
  ///
  /// Source: Zheng et al., Distance-IoU Loss, AAAI 2020, eq. 14; β as in the authors' code.
  public static func keptByDistance(
    of boxes: [BoundingBox], scores: [Float], threshold: Float, beta: Float = 1,
    limit: Int = .max
  ) -> [Int] {
    greedy(boxes, scores, limit: limit) { a, b in
      let penalty = relativeDistance(a, b)
      return overlap(a, b) - (beta == 1 ? penalty : Float.pow(penalty, beta)) > threshold
    }
  }

  private static func greedy(
    _ boxes: [BoundingBox], _ scores: [Float], limit: Int,
    suppresses: (BoundingBox, BoundingBox) -> Bool
  ) -> [Int] {
    precondition(
      boxes.count == scores.count,
      "NonMaximumSuppression: \(boxes.count) boxes, \(scores.count) scores")
    var kept: [Int] = []
    var keptOfLabel: [Int: [BoundingBox]] = [:]
    for index in descending(scores) where kept.count < limit {
      let box = boxes[index]
      if keptOfLabel[box.label]?.contains(where: { suppresses($0, box) }) == true { continue }
      kept.append(index)
      keptOfLabel[box.label, default: []].append(box)
    }
    return kept
  }

  /// Indices by falling score; equal scores keep their order, NaN comes last.
  static func descending(_ scores: [Float]) -> [Int] {
    scores.indices.sorted { a, b in
      let (left, right) = (scores[a], scores[b])
      if left > right { return true }
      if left < right { return false }
      if left.isNaN != right.isNaN { return right.isNaN }
      return a < b
    }
  }
}
