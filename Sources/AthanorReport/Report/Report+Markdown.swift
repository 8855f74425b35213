import AthanorCore
import AthanorExperiment

extension Report {
  /// `report.md`: the tables, and links to the figures as files beside it. Pictures are only in the
  /// page.
  func markdown(_ figures: ReportFigures) -> String {
    var text = "# \(ReportTable.escape(title))\n\n\(overview)\n"
    func section(_ heading: String, _ table: ReportTable?) {
      guard let table else { return }
      text += "\n## \(heading)\n\n\(ReportTable.escape(table.caption))\n\n\(table.markdown)"
    }
    if !remarks.isEmpty {
      text += "\n" + remarks.map { "- \(ReportTable.escape($0))\n" }.joined()
    }
    if hasResults {
      section("Results", resultTable)
      section("Paired differences", differenceTable)
      section("Classes", classTable)
      section("Validation", validationTable)
      section("Tuning", candidateTable)
      text += plane(figures) + curves(figures)
    }
    section("Data", dataTable)
    section("Configurations", configTable)
    section("Runs", runTable)
    text += "\n## To repeat it\n\n"
    text += provenance.map { "- \($0.name): \(ReportTable.escape($0.value))\n" }.joined()
    if let plan {
      text += "\n`spec.yaml`:\n\n" + Self.fenced(plan.spec)
      if let base = plan.base { text += "\n`\(AblationPlan.baseName)`:\n\n" + Self.fenced(base) }
    }
    return text
  }

  /// Only the result, for a terminal.
  public var summary: String {
    (hasResults ? resultTable.markdown : overview + "\n")
      + (remarks.isEmpty ? "" : "\n" + remarks.map { "- \($0)\n" }.joined())
  }

  private func plane(_ figures: ReportFigures) -> String {
    guard !figures.planes.isEmpty else { return "" }
    let planes = figures.planes.map(Self.image).joined(separator: "\n\n")
    var text =
      "\n## \(planeTitle)\n\n\(planes)\n\n\(Self.planeCaption) \(planeDirections)\n"
    if let front = figures.front {
      text +=
        "\n\(Self.image(front))\n\n\(Self.frontCaption) "
        + zip(taskMeasures, TaskColor.indices(taskMeasures.map(\.task.name))).map {
          "\($0.headline.title) is \(Gnuplot.colorName($1))"
        }.joined(separator: ", ") + ".\n"
    }
    return text
  }

  /// Three panels per row, each with the number and the label of its method.
  private func curves(_ figures: ReportFigures) -> String {
    guard !figures.curves.isEmpty else { return "" }
    var text = "\n## Over training\n\n\(Self.curvesCaption)\n"
    for curves in figures.curves {
      let legend = zip(curves.names, TaskColor.indices(curves.names)).map { name, color in
        "\(ReportTable.escape(name.replacing(",", with: " · "))) \(Gnuplot.colorName(color))"
      }
      let cells = curves.panels.map { panel in
        "\(Self.image(panel.figure))<br>**\(panel.method + 1)** "
          + ReportTable.escape(methods[panel.method].label)
      }
      let across = min(3, cells.count)
      func line(_ cells: some Sequence<String>) -> String {
        "| " + cells.joined(separator: " | ") + " |\n"
      }
      text += "\n### \(curves.quantity.title)\n\n\(legend.joined(separator: ", "))\n\n"
      text += line(repeatElement("", count: across)) + line(repeatElement("---", count: across))
      for start in stride(from: 0, to: cells.count, by: across) {
        let row = cells[start...].prefix(across)
        text += line(row + repeatElement("", count: across - row.count))
      }
    }
    return text
  }

  private static func image(_ figure: ReportFigures.Figure) -> String {
    "![\(ReportTable.escape(figure.label))](\(figure.file))"
  }

  /// Text in a code fence that is longer than any fence in the text.
  private static func fenced(_ text: String) -> String {
    var fence = "```"
    while text.contains(fence) { fence += "`" }
    return "\(fence)yaml\n\(text.hasSuffix("\n") ? text : text + "\n")\(fence)\n"
  }
}
