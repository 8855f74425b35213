import AthanorCore
import AthanorData
import AthanorMetrics
import AthanorTraining

extension Evaluating.Outcome {
  /// The contract's object: the measures of each task the data is labelled for.
  public var json: JSON {
    var members: [JSON.Member] = []
    if let segmentation = evaluation.segmentation {
      let summary = SegmentationSummary(segmentation, classNames: classes.segmentation)
      members.append(.init("segmentation", summary.json))
    }
    if let detection = evaluation.detection?.metrics {
      members.append(
        .init(
          "detection",
          .object(
            (detection.json.object ?? []) + [
              .init("perClassAP", .byClass(classes.detection, evaluation.perClassAP)),
              .init("perClassAP50", .byClass(classes.detection, evaluation.perClassAP50)),
            ])))
    }
    if evaluation.skipped > 0 {
      members.append(.init("skippedSamples", .integer(evaluation.skipped)))
    }
    if !warnings.isEmpty {
      members.append(.init("warnings", .array(warnings.map { .string($0) })))
    }
    return .object(members)
  }

  /// For people: the measures, then a table of the classes.
  public var text: String {
    func shown(_ value: Double?) -> String {
      value.flatMap { $0 >= 0 ? fixed($0, 3) : nil } ?? "–"
    }
    var text = "\(data), \(split): \(grouped(evaluation.samples)) images"
    if evaluation.skipped > 0 { text += ", \(grouped(evaluation.skipped)) left out as damaged" }
    text += "\n"
    var table = TextTable(["class", "IoU", "AP", "AP50"])
    var names: [String] = []
    var values: [String: [String]] = [:]
    func add(_ column: Int, _ classes: [String], _ numbers: [Double?]) {
      for (name, number) in zip(classes, numbers) {
        if values[name] == nil { names.append(name) }
        values[name, default: ["–", "–", "–"]][column] = shown(number)
      }
    }
    if let segmentation = evaluation.segmentation {
      let scalars = SegmentationSummary(segmentation, classNames: classes.segmentation).scalars
      text += "segmentation  "
      text += scalars.map { "\($0.key) \(shown($0.value))" }.joined(separator: "  ") + "\n"
      add(0, classes.segmentation, segmentation.perClassIoU)
    }
    if let metrics = evaluation.detection?.metrics {
      text += "detection  "
      text += metrics.scalars.map { "\($0.key) \(shown($0.value))" }.joined(separator: "  ") + "\n"
      add(1, classes.detection, evaluation.perClassAP)
      add(2, classes.detection, evaluation.perClassAP50)
    }
    table.rows = names.map { [$0] + values[$0]! }
    return text + table.text
  }
}

extension JSON {
  /// Values by class name, null where a class has none.
  static func byClass(_ names: [String], _ values: [Double?]) -> JSON {
    .object(zip(names, values).map { Member($0, $1.map { .number($0) } ?? .null) })
  }
}

extension SegmentationSummary {
  /// The contract's object: `perClassIoU` by class name, null where the class is absent.
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
