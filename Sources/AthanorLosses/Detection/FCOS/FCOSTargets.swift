import AthanorTensor

/// The labelled boxes of a batch.
public struct DetectionTargets: Sendable {
  /// `[M,5]` f32: the image's index in the batch, x1, y1, x2, y2.
  public var boxes: Tensor
  /// `[M]` i32, from 0 without background.
  public var classes: Tensor
  /// Whether each image is labelled: one that is not adds nothing to the loss; a labelled one
  /// without a box is all background.
  public var hasBoxes: [Bool]

  public init(boxes: Tensor, classes: Tensor, hasBoxes: [Bool]) {
    precondition(
      boxes.dtype == .float32 && boxes.rank == 2 && boxes.shape[1] == 5
        && classes.dtype == .int32 && classes.shape == [boxes.shape[0]],
      "DetectionTargets: boxes \(boxes) with classes \(classes)")
    self.boxes = boxes
    self.classes = classes
    self.hasBoxes = hasBoxes
  }
}

/// Which box each point of a pyramid level is responsible for, as FCOS assigns them.
///
/// Point (i,j) of stride s lies at x = (j + ½)s, y = (i + ½)s. It is positive for a box where it
/// lies inside, |x − c_x| < 1.5s, |y − c_y| < 1.5s, and lo ≤ max(l,t,r,b) ≤ hi with the ranges
/// 0–64, 64–128, 128–∞ of strides 8, 16, 32. Among several boxes the smallest wins, then the first.
///
/// Source: Tian et al. 2019, §3.1–3.2; centre sampling as in the authors' code.
public struct FCOSTargets {
  public static let radius: Float = 1.5

  /// `[N·h·w]` int32: the class, `PointLabel.background` or `PointLabel.ignored`.
  public let labels: Tensor
  /// Rows of the positive points.
  public let positives: [Int]
  /// For each positive point the row of its box in the targets.
  public let matches: [Int]

  /// Assigns a level of `height`×`width` points.
  public init(
    _ targets: DetectionTargets, height: Int, width: Int, stride: Int, range: ClosedRange<Float>
  ) {
    let size = height * width
    var labels = targets.hasBoxes.flatMap {
      [Int32](repeating: $0 ? PointLabel.background : PointLabel.ignored, count: size)
    }
    var owner = [Int](repeating: -1, count: labels.count)
    var ownerArea = [Float](repeating: .infinity, count: labels.count)
    let boxes = targets.boxes.pointer(to: Float.self)
    let classes = targets.classes.pointer(to: Int32.self)
    let step = Float(stride)
    for m in 0..<targets.boxes.shape[0] {
      let box = boxes + 5 * m
      precondition(
        (0..<Float(targets.hasBoxes.count)).contains(box[0])
          && (1..<5).allSatisfy { box[$0].isFinite },
        "FCOSTargets: box \(m) of image \(box[0]) lies beyond the batch or is not finite")
      let image = Int(box[0])
      guard targets.hasBoxes[image] else { continue }
      let (x1, y1, x2, y2) = (box[1], box[2], box[3], box[4])
      let (centerX, centerY) = ((x1 + x2) / 2, (y1 + y2) / 2)
      let area = (x2 - x1) * (y2 - y1)
      let reach = Self.radius * step
      for i in Self.cells(centerY, reach, step, height) {
        let y = (Float(i) + 0.5) * step
        guard abs(y - centerY) < reach else { continue }
        for j in Self.cells(centerX, reach, step, width) {
          let x = (Float(j) + 0.5) * step
          guard abs(x - centerX) < reach else { continue }
          let sides = SIMD4(x - x1, y - y1, x2 - x, y2 - y)
          guard sides.min() > 0, range.contains(sides.max()) else { continue }
          let point = image * size + i * width + j
          guard area < ownerArea[point] else { continue }
          (ownerArea[point], owner[point], labels[point]) = (area, m, classes[m])
        }
      }
    }
    self.labels = Tensor(labels, shape: [labels.count])
    positives = owner.indices.filter { owner[$0] >= 0 }
    matches = positives.map { owner[$0] }
  }

  /// The cells whose points may lie within `reach` of `center`.
  private static func cells(
    _ center: Float, _ reach: Float, _ step: Float, _ count: Int
  ) -> Range<Int> {
    let limit = Float(count)
    let low = min(max((center - reach) / step - 1, 0), limit)
    let high = min(max((center + reach) / step + 1, 0), limit)
    return Int(low)..<max(Int(low), Int(high))
  }
}
