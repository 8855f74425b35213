import AthanorCore
import AthanorData
import AthanorExperiment
import AthanorMetrics
import AthanorTraining

extension Evaluating.Outcome {
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
        // Two tasks may have the same metric.
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
