import AthanorCore

/// What is measured of each class on its own. Raw values head the columns of the report.
enum ClassMeasure: String, CaseIterable, Sendable {
  case iou = "IoU"
  case ap = "AP"
  case ap50 = "AP50"

  /// The values in what `athanor eval --json` prints, by measure, in the order of the classes.
  static func values(of result: JSON) -> [ClassMeasure: [(name: String, value: Double?)]] {
    let found: [(ClassMeasure, JSON?)] = [
      (.iou, result["segmentation"]?["perClassIoU"]), (.ap, result["detection"]?["perClassAP"]),
      (.ap50, result["detection"]?["perClassAP50"]),
    ]
    return found.reduce(into: [:]) { values, part in
      values[part.0] = part.1?.object?.map { ($0.key, $0.value.number) }
    }
  }
}

extension Report {
  /// Every method on test, class by class; nil where nothing was measured by class.
  var classTable: ReportTable? {
    let columns = ClassMeasure.allCases.flatMap { measure -> [(ClassMeasure, String)] in
      var names: [String] = []
      for run in methods.flatMap(\.runs) {
        for (name, _) in run.perClass[measure] ?? [] where !names.contains(name) {
          names.append(name)
        }
      }
      return names.map { (measure, $0) }
    }
    guard !columns.isEmpty else { return nil }
    var table = ReportTable(
      caption: "Each class on its own: mean ± standard deviation over seeds, on test.",
      columns: [.init(title: "#"), .init(title: "method", isNumeric: false)]
        + columns.map { .init(title: $1, group: $0.rawValue) })
    for (index, method) in methods.enumerated() where !method.runs.isEmpty {
      table.rows.append(
        [.init(index + 1), .init(method.label)]
          + columns.map { measure, name in
            let values = method.runs.compactMap { run in
              run.perClass[measure]?.first { $0.name == name }?.value
            }
            return .init(Spread(values), 3, expected: method.runs.count)
          })
    }
    return table.compact
  }
}
