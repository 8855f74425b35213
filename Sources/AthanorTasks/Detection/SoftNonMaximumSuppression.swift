import AthanorCore
import AthanorKernels

/// Soft-NMS: overlapping boxes lose score instead of being dropped.
///
/// The best box b is taken, the score of every remaining box i of the same label is multiplied by a
/// factor of IoU(b, i), and this repeats until no score reaches `floor`.
///
/// Source: Bodla et al., Soft-NMS, ICCV 2017, eq. 2 and 3.
public struct SoftNonMaximumSuppression: Sendable {
  public enum Decay: Sendable, Equatable {
    /// s·(1 − IoU) where IoU > `threshold`.
    case linear(threshold: Float = 0.3)
    /// s·exp(−IoU²/σ).
    case gaussian(sigma: Float = 0.5)
  }

  public var decay: Decay
  /// Boxes whose score falls below this are dropped.
  public var floor: Float

  public init(_ decay: Decay = .gaussian(), floor: Float = 0.001) {
    self.decay = decay
    self.floor = floor
  }

  /// The boxes that are kept: indices into `boxes` with their new scores, best first.
  ///
  /// Equal scores keep the order of `boxes`.
  ///
  /// Shapes: as many scores as boxes; traps otherwise.
  public func kept(
    of boxes: [BoundingBox], scores: [Float]
  ) -> [(index: Int, score: Float)] {
    precondition(
      boxes.count == scores.count,
      "SoftNonMaximumSuppression: \(boxes.count) boxes, \(scores.count) scores")
    var kept: [(index: Int, score: Float)] = []
    for group in Dictionary(grouping: boxes.indices, by: { boxes[$0].label }).values {
      var rest = group.map { (index: $0, score: scores[$0]) }.filter { $0.score >= floor }
      while let best = rest.indices.max(by: { Self.precedes(rest[$1], rest[$0]) }) {
        let taken = rest.remove(at: best)
        kept.append(taken)
        for i in rest.indices {
          rest[i].score *= factor(overlap(boxes[taken.index], boxes[rest[i].index]))
        }
        rest.removeAll { $0.score < floor }
      }
    }
    return kept.sorted(by: Self.precedes)
  }

  private func factor(_ overlap: Float) -> Float {
    switch decay {
    case .linear(let threshold): overlap > threshold ? 1 - overlap : 1
    case .gaussian(let sigma): Float.exp(-(overlap * overlap) / sigma)
    }
  }

  private static func precedes(
    _ a: (index: Int, score: Float), _ b: (index: Int, score: Float)
  ) -> Bool {
    a.score != b.score ? a.score > b.score : a.index < b.index
  }
}
