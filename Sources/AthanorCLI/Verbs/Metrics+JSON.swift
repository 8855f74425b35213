import AthanorCore
import AthanorExperiment
import AthanorMetrics

extension SegmentationSummary {
  /// The JSON object of the command-line contract: `perClassIoU` by class name, null where the
  /// class is absent.
  public var json: JSON {
    .object(
      scalars.map { JSON.Member($0.key, $0.value.map { .number($0) } ?? .null) }
        + [JSON.Member("perClassIoU", .byClass(classNames, metrics.perClassIoU))])
  }
}

extension DetectionMetrics {
  /// COCO's twelve numbers under their usual names.
  public var json: JSON { .object(scalars.map { JSON.Member($0.key, .number($0.value)) }) }
}
