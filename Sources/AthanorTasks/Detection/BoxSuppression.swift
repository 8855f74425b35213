import AthanorCore

/// What is done with boxes that cover the same object.
public enum BoxSuppression: String, CaseIterable, Codable, Sendable {
  /// All but the best are dropped.
  case nms
  /// As `nms`, but boxes whose centres are far apart count as two objects.
  case diou_nms
  /// Boxes lose score by a linear or a Gaussian factor of their IoU instead of being dropped.
  case soft_nms_linear, soft_nms_gaussian

  /// The boxes that are kept, best first, as indices into `boxes` with their final scores.
  func kept(
    of boxes: [BoundingBox], scores: [Float], threshold: Float, limit: Int
  ) -> [(index: Int, score: Float)] {
    func asBefore(_ indices: [Int]) -> [(index: Int, score: Float)] {
      indices.map { ($0, scores[$0]) }
    }
    switch self {
    case .nms:
      return asBefore(
        NonMaximumSuppression.kept(of: boxes, scores: scores, threshold: threshold, limit: limit))
    case .diou_nms:
      return asBefore(
        NonMaximumSuppression.keptByDistance(
          of: boxes, scores: scores, threshold: threshold, limit: limit))
    case .soft_nms_linear:
      let soft = SoftNonMaximumSuppression(.linear(threshold: threshold))
      return Array(soft.kept(of: boxes, scores: scores).prefix(limit))
    case .soft_nms_gaussian:
      return Array(
        SoftNonMaximumSuppression(.gaussian()).kept(of: boxes, scores: scores).prefix(limit))
    }
  }
}
