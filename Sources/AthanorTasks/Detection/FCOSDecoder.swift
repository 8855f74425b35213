import AthanorCore
import AthanorKernels
import AthanorLosses
import AthanorTensor
import AthanorVision

/// Turns the raw outputs of the detection head into boxes.
///
/// Keeps points whose score √(σ(class)·σ(centerness)) is above `threshold`, at most the best
/// `candidates` of each level; clips their boxes to the image; suppresses per class at IoU
/// `overlap`; keeps the best `limit` boxes of an image.
///
/// Source: Tian et al. 2019, §3.3; torchvision's FCOS post-processing.
public struct FCOSDecoder: Sendable {
  /// Usually .05 for measuring average precision and .2 for showing predictions.
  public var threshold: Float
  public var candidates = 1000
  public var overlap: Float = 0.6
  public var limit = 100
  public var suppression = BoxSuppression.nms

  public init(threshold: Float = 0.05) { self.threshold = threshold }

  /// Boxes of each image, best first. `sizes` are the widths and heights that boxes are clipped to.
  public func callAsFunction(
    _ levels: [FCOSLevel], sizes: [(width: Int, height: Int)]
  ) -> [BoxLabel] {
    sizes.indices.map { image in
      let found = levels.flatMap { candidates(of: $0, image: image, size: sizes[image]) }
      let kept = suppression.kept(
        of: found.map(\.box), scores: found.map(\.score), threshold: overlap, limit: limit)
      return BoxLabel(kept.map { found[$0.index].box }, scores: kept.map(\.score))
    }
  }

  private func candidates(
    of level: FCOSLevel, image: Int, size: (width: Int, height: Int)
  ) -> [(box: BoundingBox, score: Float)] {
    let shape = level.classification.shape
    let (height, width, classes) = (shape[1], shape[2], shape[3])
    let first = image * height * width
    let logits = level.classification.pointer(to: Float.self) + first * classes
    let centerness = level.centerness.pointer(to: Float.self) + first
    // σ(class)·σ(centerness) > t² requires σ(class) > t²: one comparison rejects most points.
    let bar = threshold * threshold
    let logitBar = Float.log(bar / (1 - bar))
    var scored: [(score: Float, point: Int, label: Int)] = []
    for point in 0..<(height * width) {
      for label in 0..<classes where logits[point * classes + label] > logitBar {
        let score = (sigmoid(logits[point * classes + label]) * sigmoid(centerness[point]))
          .squareRoot()
        if score > threshold { scored.append((score, point, label)) }
      }
    }
    if scored.count > candidates {
      scored.sort { ($0.score, -$0.point, -$0.label) > ($1.score, -$1.point, -$1.label) }
      scored.removeLast(scored.count - candidates)
    }
    let distances = level.regression.pointer(to: Float.self) + first * 4
    let (scale, stride) = (Float(level.scale.scalar), Float(level.stride))
    return scored.compactMap { score, point, label in
      let x = (Float(point % width) + 0.5) * stride
      let y = (Float(point / width) + 0.5) * stride
      func distance(_ side: Int) -> Float { stride * .exp(scale * distances[point * 4 + side]) }
      let box = BoundingBox(
        x1: x - distance(0), y1: y - distance(1), x2: x + distance(2), y2: y + distance(3),
        label: label
      ).clipped(width: Float(size.width), height: Float(size.height))
      return box.width > 0 && box.height > 0 ? (box, score) : nil
    }
  }

  private func sigmoid(_ x: Float) -> Float { 1 / (1 + Float.exp(-x)) }
}
