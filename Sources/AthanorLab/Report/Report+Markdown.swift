import AthanorCore

extension Report {
  /// `report.md`: the tables. Figures and pictures are in the page.
  public var markdown: String {
    var text = "# \(ReportTable.escape(title))\n\n\(overview)\n"
    func section(_ heading: String, _ table: ReportTable?) {
      guard let table else { return }
      text += "\n## \(heading)\n\n\(ReportTable.escape(table.caption))\n\n\(table.markdown)"
    }
    if !remarks.isEmpty {
      text += "\n" + remarks.map { "- \(ReportTable.escape($0))\n" }.joined()
    }
    section("Results", resultTable)
    section("Paired differences", differenceTable)
    section("Validation", validationTable)
    section("Tuning", candidateTable)
    section("Configurations", configTable)
    section("Runs", runTable)
    text += "\n## To repeat it\n\n"
    text += provenance.map { "- \($0.name): \(ReportTable.escape($0.value))\n" }.joined()
    if let spec = plan?.spec { text += "\n" + Self.fenced(spec) }
    return text
  }

  /// The result alone, for a terminal.
  public var summary: String {
    resultTable.markdown + (remarks.isEmpty ? "" : "\n" + remarks.map { "- \($0)\n" }.joined())
  }

  /// Text in a fence that none of its lines closes.
  private static func fenced(_ text: String) -> String {
    var fence = "```"
    while text.contains(fence) { fence += "`" }
    return "\(fence)yaml\n\(text.hasSuffix("\n") ? text : text + "\n")\(fence)\n"
  }
}
