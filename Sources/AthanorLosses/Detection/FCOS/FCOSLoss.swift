import AthanorTensor

/// The raw outputs of an FCOS head at one pyramid level, channels last.
public struct FCOSLevel: Sendable {
  /// Pixels of the image between two points.
  public var stride: Int
  /// Class logits `[N,h,w,K]`.
  public var classification: Tensor
  /// x of (l,t,r,b) = exp(scale·x)·stride, `[N,h,w,4]`.
  public var regression: Tensor
  /// Logits `[N,h,w,1]`.
  public var centerness: Tensor
  /// The level's learned factor of `regression`, `[1]`.
  public var scale: Tensor

  public init(
    stride: Int, classification: Tensor, regression: Tensor, centerness: Tensor, scale: Tensor
  ) {
    self.stride = stride
    self.classification = classification
    self.regression = regression
    self.centerness = centerness
    self.scale = scale
  }
}

/// The loss of FCOS: classification + box + centerness, each over Npos = max(1, positive points of
/// the batch).
///
/// Classification sums over all points and classes; box sums over positive points, not weighted by
/// centerness; centerness is the BCE against √(min(l,r)/max(l,r) · min(t,b)/max(t,b)) over positive
/// points.
/// Source: Tian et al. 2019, eq. 2 and 3.
public struct FCOSLoss: Sendable {
  /// The three terms, each `[]`.
  public struct Terms: Sendable {
    public var classification: Tensor
    public var box: Tensor
    public var centerness: Tensor
    /// Positive points of the batch: where there are none, box and centerness have no target.
    public var positives: Int
  }

  private let classification: any ClassificationLoss
  private let box: any BoxLoss

  public init(classification: any ClassificationLoss, box: any BoxLoss) {
    self.classification = classification
    self.box = box
  }

  /// max(l,t,r,b) of the boxes that each level is responsible for, fine to coarse.
  private static let ranges: [ClosedRange<Float>] = [0...64, 64...128, 128...Float.infinity]

  /// The loss of a batch from P3, P4, P5.
  public func callAsFunction(_ levels: [FCOSLevel], _ targets: DetectionTargets) -> Terms {
    precondition(levels.count == Self.ranges.count, "FCOSLoss: \(levels.count) levels")
    let dtype = levels[0].classification.dtype
    var classified: [Tensor] = []
    var boxes: (predicted: [Tensor], centerness: [Tensor]) = ([], [])
    var matches: [Int] = []
    var points: [Double] = []
    for (level, range) in zip(levels, Self.ranges) {
      let shape = level.classification.shape
      let assigned = FCOSTargets(
        targets, height: shape[1], width: shape[2], stride: level.stride, range: range)
      classified.append(
        classification(level.classification.reshaped([-1, shape[3]]), assigned.labels))
      guard !assigned.positives.isEmpty else { continue }
      let stride = Double(level.stride)
      let centers = assigned.positives.flatMap { row in
        let cell = row % (shape[1] * shape[2])
        return [
          (Double(cell % shape[2]) + 0.5) * stride, (Double(cell / shape[2]) + 0.5) * stride,
        ]
      }
      boxes.predicted.append(
        Self.boxes(
          level.regression.reshaped([-1, 4]).gathered(assigned.positives), scale: level.scale,
          stride: stride, centers: Tensor(centers, shape: [centers.count / 2, 2]).cast(to: dtype)))
      boxes.centerness.append(
        level.centerness.reshaped([-1]).gathered(assigned.positives))
      matches += assigned.matches
      points += centers
    }
    let share = 1 / Double(max(1, matches.count))
    let classificationTerm = classified.dropFirst().reduce(classified[0], +) * share
    guard !matches.isEmpty else {
      return Terms(
        classification: classificationTerm, box: Tensor(0, dtype), centerness: Tensor(0, dtype),
        positives: 0)
    }
    let truth = targets.boxes.gathered(matches).sliced(1..<5, axis: 1).cast(to: dtype)
    let centers = Tensor(points, shape: [matches.count, 2]).cast(to: dtype)
    let boxTerm = box(Tensor.concatenated(boxes.predicted, axis: 0), truth).sum() * share
    let logits = Tensor.concatenated(boxes.centerness, axis: 0)
    let target = Self.centerness(of: truth, at: centers)
    let centernessTerm = (logits.softplus() - logits * target).sum() * share
    return Terms(
      classification: classificationTerm, box: boxTerm, centerness: centernessTerm,
      positives: matches.count)
  }

  /// e³⁰ strides are beyond any image, and areas of such boxes are still finite in float32.
  private static let largestExponent = 30.0

  /// (x − l, y − t, x + r, y + b) with (l,t,r,b) = exp(scale·raw)·stride.
  private static func boxes(
    _ raw: Tensor, scale: Tensor, stride: Double, centers: Tensor
  ) -> Tensor {
    let distances = (raw * scale).clip(-.infinity, largestExponent).exp() * stride
    return .concatenated(
      [
        centers - distances.sliced(0..<2, axis: 1), centers + distances.sliced(2..<4, axis: 1),
      ], axis: 1)
  }

  /// √(min(l,r)/max(l,r) · min(t,b)/max(t,b)) of points inside their boxes, `[M]`.
  static func centerness(of boxes: Tensor, at centers: Tensor) -> Tensor {
    let low = centers - boxes.sliced(0..<2, axis: 1)
    let high = boxes.sliced(2..<4, axis: 1) - centers
    let ratio = low.minimum(high) / low.maximum(high)
    return (ratio.selected(0, axis: 1) * ratio.selected(1, axis: 1)).sqrt()
  }
}
