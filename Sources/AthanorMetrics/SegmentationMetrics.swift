/// The numbers of a segmentation, from its confusion matrix.
///
/// With n_ij the pixels of class i predicted as j, t_i = Σ_j n_ij and p_i = Σ_j n_ji:
///
///     IoU_i = n_ii / (t_i + p_i − n_ii)         pixelAccuracy = Σ n_ii / Σ t_i
///     mIoU = mean IoU_i                         meanAccuracy = mean n_ii / t_i
///     frequencyWeightedIoU = Σ t_i IoU_i / Σ t_i
///
/// A class in neither truth nor prediction has no IoU (`nil`) and is left out of the means; a class
/// that is only predicted has IoU 0, and no accuracy.
///
/// Units: 0…1; everything is `nil` where no pixel was counted.
/// Source: Long et al., Fully Convolutional Networks for Semantic Segmentation, CVPR 2015, §5.
public struct SegmentationMetrics: Equatable, Sendable {
  public var mIoU: Double?
  public var pixelAccuracy: Double?
  public var meanAccuracy: Double?
  public var frequencyWeightedIoU: Double?
  /// By class index.
  public var perClassIoU: [Double?]
  /// n_ii / t_i by class index, `nil` for a class without truth.
  public var perClassAccuracy: [Double?]

  public init(_ matrix: ConfusionMatrix) {
    let classes = 0..<matrix.classes
    let hits = classes.map { matrix[truth: $0, prediction: $0] }
    let truth = classes.map { i in classes.reduce(0) { $0 + matrix[truth: i, prediction: $1] } }
    let predicted = classes.map { i in
      classes.reduce(0) { $0 + matrix[truth: $1, prediction: i] }
    }
    perClassIoU = classes.map { ratio(hits[$0], truth[$0] + predicted[$0] - hits[$0]) }
    perClassAccuracy = classes.map { ratio(hits[$0], truth[$0]) }
    mIoU = mean(perClassIoU)
    meanAccuracy = mean(perClassAccuracy)
    let pixels = truth.reduce(0, +)
    pixelAccuracy = ratio(hits.reduce(0, +), pixels)
    let weighted = classes.reduce(0.0) { $0 + Double(truth[$1]) * (perClassIoU[$1] ?? 0) }
    frequencyWeightedIoU = pixels > 0 ? weighted / Double(pixels) : nil
  }
}

extension ConfusionMatrix {
  public var metrics: SegmentationMetrics { SegmentationMetrics(self) }
}

/// The contract's JSON: `perClassIoU` is an object by class name, `null` where the class is absent.
public struct SegmentationSummary: Encodable, Equatable, Sendable {
  public var metrics: SegmentationMetrics
  /// In order of class index.
  public var classNames: [String]

  /// Shapes: as many names as classes; traps otherwise. Without names: "0", "1", ….
  public init(_ metrics: SegmentationMetrics, classNames: [String]? = nil) {
    let names = classNames ?? metrics.perClassIoU.indices.map(String.init)
    precondition(
      names.count == metrics.perClassIoU.count,
      "SegmentationSummary: \(names.count) names for \(metrics.perClassIoU.count) classes")
    self.metrics = metrics
    self.classNames = names
  }

  /// Names and values in the order people read them.
  public var scalars: [(key: String, value: Double?)] {
    [
      ("mIoU", metrics.mIoU), ("pixelAccuracy", metrics.pixelAccuracy),
      ("meanAccuracy", metrics.meanAccuracy),
      ("frequencyWeightedIoU", metrics.frequencyWeightedIoU),
    ]
  }

  public func encode(to encoder: any Encoder) throws {
    var object = encoder.container(keyedBy: TextKey.self)
    for (key, value) in scalars { try object.encode(value, forKey: TextKey(key)) }
    var perClass = object.nestedContainer(keyedBy: TextKey.self, forKey: TextKey("perClassIoU"))
    for (name, value) in zip(classNames, metrics.perClassIoU) {
      try perClass.encode(value, forKey: TextKey(name))
    }
  }
}

/// A coding key that is any text.
struct TextKey: CodingKey {
  var stringValue: String
  var intValue: Int? { nil }
  init(_ text: String) { stringValue = text }
  init?(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

private func ratio(_ part: Int, _ whole: Int) -> Double? {
  whole > 0 ? Double(part) / Double(whole) : nil
}

private func mean(_ values: [Double?]) -> Double? {
  let present = values.compactMap(\.self)
  return present.isEmpty ? nil : present.reduce(0, +) / Double(present.count)
}
