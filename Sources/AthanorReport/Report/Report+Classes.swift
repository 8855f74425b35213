import AthanorCore
import AthanorExperiment

/// A metric that is measured for each class of a task separately.
struct ClassMeasure: Hashable, Sendable {
  var task: String
  /// `IoU`, `AP`.
  var metric: String

  /// The values of all classes in the JSON that `athanor eval --json` prints, in its order.
  static func values(
    of result: JSON
  ) -> [(measure: ClassMeasure, values: [(name: String, value: Double?)])] {
    let prefix = "perClass"
    return (result.object ?? []).flatMap { task in
      (task.value.object ?? []).filter { $0.key.hasPrefix(prefix) }.map { member in
        (
          ClassMeasure(task: task.key, metric: String(member.key.dropFirst(prefix.count))),
          (member.value.object ?? []).map { ($0.key, $0.value.number) }
        )
      }
    }
  }
}

extension Report {
  /// Every method on test, class by class; nil where nothing was measured per class.
  var classTable: ReportTable? {
    var columns: [(measure: ClassMeasure, names: [String])] = []
    for (measure, values) in methods.flatMap(\.runs).flatMap(\.perClass) {
      let place = columns.firstIndex { $0.measure == measure } ?? columns.count
      if place == columns.count { columns.append((measure, [])) }
      for (name, _) in values where !columns[place].names.contains(name) {
        columns[place].names.append(name)
      }
    }
    let order = tasks.map(\.name)
    columns.sort { a, b in
      (order.firstIndex(of: a.measure.task) ?? .max)
        < (order.firstIndex(of: b.measure.task) ?? .max)
    }
    guard !columns.isEmpty else { return nil }
    func title(_ measure: ClassMeasure) -> String {
      columns.count { $0.measure.metric == measure.metric } == 1
        ? measure.metric : "\(measure.task) \(measure.metric)"
    }
    let cells = columns.flatMap { column in column.names.map { (column.measure, $0) } }
    var table = ReportTable(
      caption: "Each class on its own: mean ± standard deviation over seeds, on test.",
      columns: [.init(title: "#"), .init(title: "method", isNumeric: false)]
        + cells.map { .init(title: $1, group: title($0)) })
    for (index, method) in methods.enumerated() where !method.runs.isEmpty {
      table.rows.append(
        [.init(index + 1), .init(method.label)]
          + cells.map { measure, name in
            let values = method.runs.compactMap { run in
              run.perClass.first { $0.measure == measure }?.values.first { $0.name == name }?.value
            }
            return .init(Spread(values), 3, expected: method.runs.count)
          })
    }
    return table.compact
  }
}
