import AthanorCore
import AthanorTraining

extension Evaluating.Outcome {
  /// The JSON object of the command-line contract: the metrics of each task that the data are
  /// labelled for.
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
}

extension JSON {
  /// Values by class name, null where a class has none.
  package static func byClass(_ names: [String], _ values: [Double?]) -> JSON {
    .object(zip(names, values).map { Member($0, $1.map { .number($0) } ?? .null) })
  }
}
