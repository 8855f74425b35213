import AthanorExperiment
import AthanorCore
import AthanorData
import AthanorMetrics
import AthanorTraining

extension Evaluating.Outcome {
  /// The contract's object: the measures of each task the data is labelled for.
  public var json: JSON {
    var members: [JSON.Member] = []
    for (task, evaluation) in evaluation.tasks {
      guard let evaluation else { continue }
      let values = evaluation.values.map { metric, value in
        JSON.Member(metric, value.map { .number($0) } ?? .null)
      }
      let perClass = evaluation.perClass.map { metric, values in
        JSON.Member(
          "perClass\(metric.prefix(1).uppercased())\(metric.dropFirst())",
          .byClass(evaluation.classes, values))
      }
      members.append(.init(task.name, .object(values + perClass)))
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
    func shown(_ value: Double?, _ decimals: Int = 3) -> String {
      value.flatMap { $0 >= 0 ? fixed($0, decimals) : nil } ?? "–"
    }
    var text = "\(data), \(split): \(grouped(evaluation.samples)) images"
    if evaluation.skipped > 0 { text += ", \(grouped(evaluation.skipped)) left out as damaged" }
    text += "\n"
    let width = evaluation.tasks.map(\.task.name.count).max() ?? 0
    var columns: [String] = []
    var names: [String] = []
    var cells: [[String]: String] = [:]
    for (task, evaluation) in evaluation.tasks {
      guard let evaluation else { continue }
      text += "\(task.name.padded(to: width))  "
      text += evaluation.values.map { metric, value in
        let decimals = task.metrics.first { $0.name == metric }?.decimals ?? 3
        return "\(metric) \(shown(value, decimals))"
      }.joined(separator: "  ")
      text += "\n"
      for (metric, values) in evaluation.perClass {
        // Two tasks may be measured alike.
        let column = columns.contains(metric) ? "\(task.name) \(metric)" : metric
        columns.append(column)
        for (name, value) in zip(evaluation.classes, values) {
          if !names.contains(name) { names.append(name) }
          cells[[name, column]] = shown(value)
        }
      }
    }
    guard !columns.isEmpty else { return text }
    var table = TextTable(["class"] + columns)
    table.rows = names.map { name in [name] + columns.map { cells[[name, $0]] ?? "–" } }
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
