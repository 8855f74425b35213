import AthanorData
import AthanorMetrics

/// How good a network is on a data set, measured in the pixels of the images as they were read.
public struct Evaluation: Sendable {
  /// Nil where the network does not segment or no sample carries a mask.
  public var confusion: ConfusionMatrix?
  /// Nil where the network does not detect or no sample carries boxes. Its classes are by category
  /// id: those of a label are under `perClassAP`, `perClassAP50` and `curve`.
  public var detection: COCOEvaluation?
  public var classes: DataClasses
  /// Samples that were measured.
  public var samples: Int
  /// Samples that could not be read.
  public var skipped = 0

  public var segmentation: SegmentationMetrics? { confusion?.metrics }

  /// AP by box label; nil for a class without truth.
  public var perClassAP: [Double?] { byLabel(detection?.perClassAP) }

  /// AP at IoU .50 by box label; nil for a class without truth.
  public var perClassAP50: [Double?] { byLabel(detection?.perClassAP50) }

  /// Precision over recall at IoU .50 of a box label; nil without truth.
  public func curve(label: Int) -> PrecisionRecallCurve? {
    detection?.curve(category: CategoryOrder(classes).places[label])
  }

  private func byLabel(_ values: [Double?]?) -> [Double?] {
    guard let values else { return [] }
    return CategoryOrder(classes).places.map { values[$0] }
  }

  /// The numbers a history keeps, by their usual names, those of a class as `IoU/NAME`, `AP/NAME`
  /// and `AP50/NAME`; COCO's −1 (no truth) is left out.
  public var scalars: [String: Double] {
    var scalars: [String: Double] = [:]
    if let segmentation {
      scalars["mIoU"] = segmentation.mIoU
      scalars["pixelAccuracy"] = segmentation.pixelAccuracy
      for (name, value) in zip(classes.segmentation, segmentation.perClassIoU) {
        scalars["IoU/\(name)"] = value
      }
    }
    if let metrics = detection?.metrics {
      for (name, value) in [("AP", metrics.AP), ("AP50", metrics.AP50), ("AP75", metrics.AP75)]
      where value >= 0 { scalars[name] = value }
      for (name, value) in zip(classes.detection, perClassAP) { scalars["AP/\(name)"] = value }
      for (name, value) in zip(classes.detection, perClassAP50) { scalars["AP50/\(name)"] = value }
    }
    return scalars
  }
}
