import AthanorCore
import AthanorExperiment
import Foundation

extension Report {
  /// `report.html`: a single file that needs no other.
  func html(_ figures: ReportFigures) -> HTML {
    ReportPage.page(
      title: title, lead: "\(overview)", notes: remarks, body: sections(figures))
  }

  private func sections(_ figures: ReportFigures) -> [HTML] {
    let results: [HTML?] =
      hasResults
      ? [
        ReportPage.section("Results", resultTable.html),
        differenceTable.map { ReportPage.section("Paired differences", $0.html) },
        classTable.map { ReportPage.section("Classes", $0.html) },
        plane(figures),
        ReportPage.section("Validation", validationTable.html + (candidateTable?.html ?? "")),
        figures.curves.isEmpty
          ? nil
          : ReportPage.section(
            "Over training",
            "<p>\(Self.curvesCaption)</p>"
              + HTML(markup: figures.curves.map { curves($0).markup }.joined())),
        examples.map { ReportPage.section("Examples", $0) },
      ] : []
    return
      (results + [
        dataTable.map { ReportPage.section("Data", $0.html) },
        configTable.map { ReportPage.section("Configurations", $0.html) },
        ReportPage.section("Runs", runTable.html),
        origin,
      ]).compactMap(\.self)
  }

  static let curvesCaption =
    "Means over seeds and over sixtieths of the run; the axes of a row are the same."
  static let planeCaption =
    "The tasks' headline metrics on test: means, bars of one standard deviation over seeds. The "
    + "line joins the fixed weights in order of their ratio; dotted is what each task reaches "
    + "alone."
  static let frontCaption = "The fixed weights alone: each metric over the ratio of the weights."

  /// The heading of the planes: `mIoU against AP`.
  var planeTitle: String { taskMeasures.map(\.headline.title).joined(separator: " against ") }

  /// Which direction is better: `mIoU: higher is better, relErr: lower is better.`
  var planeDirections: String {
    taskMeasures.map(\.headline).map {
      "\($0.title): \($0.lowerIsBetter ? "lower" : "higher") is better"
    }.joined(separator: ", ") + "."
  }

  private func legend(_ index: Int) -> HTML {
    let mark = mark(index)
    let color = HTML(markup: "var(--series-\(mark.color))")
    return """
      <li><span class="mark" style="color:\(color)">\(mark.shape.text)</span> \
      <b>\(index + 1)</b> \(methods[index].label)</li>
      """
  }

  private func plane(_ figures: ReportFigures) -> HTML? {
    guard !figures.planes.isEmpty else { return nil }
    let headlines = taskMeasures.map(\.headline)
    let shown = methods.indices.filter { index in
      headlines.count { methods[index].spread($0) != nil } > 1
    }
    let planes = figures.planes.map { "<div class=\"scroll\">\($0.inline)</div>" as HTML }
    var body: HTML = """
      <figure class="wide">\(planes)
      <ul class="legend">\(shown.map(legend))</ul>
      <figcaption>\(Self.planeCaption) \(planeDirections)</figcaption></figure>
      """
    if let front = figures.front {
      body =
        body + """
          <figure class="wide"><div class="scroll">\(front.inline)</div>
          <ul class="legend">
          \(frontLegend)</ul>
          <figcaption>\(Self.frontCaption)</figcaption></figure>
          """
    }
    return ReportPage.section(planeTitle, body)
  }

  private var frontLegend: [HTML] {
    zip(taskMeasures, TaskColor.indices(taskMeasures.map(\.task.name))).map { measures, index in
      let color = HTML(markup: "var(--series-\(index))")
      return """
        <li><span class="line" style="background:\(color)"></span> \(measures.headline.title)</li>
        """
    }
  }

  private func curves(_ curves: ReportFigures.Curves) -> HTML {
    let names = zip(curves.names, TaskColor.indices(curves.names)).map { name, index -> HTML in
      let color = HTML(markup: "var(--series-\(index))")
      return """
        <li><span class="line" style="background:\(color)"></span> \
        \(name.replacing(",", with: " · "))</li>
        """
    }
    let panels = curves.panels.map { panel -> HTML in
      """
      <figure>\(panel.figure.inline)<figcaption><b>\(panel.method + 1)</b> \
      \(methods[panel.method].label)\
      </figcaption></figure>
      """
    }
    return """
      <h3>\(curves.quantity.title)</h3>
      <ul class="legend">\(names)</ul>
      <div class="panels">\(panels)</div>
      """
  }

  /// Everything needed to repeat the ablation or the runs.
  private var origin: HTML {
    let lines = provenance.map { "<dt>\($0.name)</dt><dd>\($0.value)</dd>" as HTML }
    let spec: HTML = plan.map { "<h3>Specification</h3>\n<pre>\($0.spec)</pre>" } ?? ""
    let base: HTML =
      plan?.base.map { text in
        "<h3>\(AblationPlan.baseName), which it starts from</h3>\n<pre>\(text)</pre>"
      } ?? ""
    let shown = baseline.map { methods[$0] } ?? methods.first
    let config: HTML =
      shown.flatMap { method in
        (try? (method.runs.first ?? method.candidates[0].runs[0]).config?.yaml()).map { yaml in
          """
          <details><summary>The resolved configuration of '\(method.label)'</summary>
          <pre>\(yaml)</pre></details>
          """
        }
      } ?? ""
    return ReportPage.section("To repeat it", "<dl>\(lines)</dl>\n\(spec)\n\(base)\n\(config)")
  }
}

extension ReportTable {
  /// A table in its own scrolling box; a click on a heading sorts it.
  var html: HTML {
    // A table with many rows scrolls vertically.
    let box: HTML = rows.count > 24 ? "scroll tall" : "scroll"
    let isGrouped = columns.contains { !$0.group.isEmpty }
    var groups: [HTML] = []
    var index = 0
    while isGrouped, index < columns.count {
      let group = columns[index].group
      let width = columns[index...].prefix { $0.group == group }.count
      groups.append(
        "<td colspan=\"\(width)\" class=\"\(group.isEmpty ? "empty" : "group")\">\(group)</td>")
      index += width
    }
    let headings = columns.map { column -> HTML in
      let name: HTML = column.isNumeric ? " class=\"number\"" : ""
      return """
        <th scope="col"\(name) aria-sort="none"><button type="button">\(column.title)</button></th>
        """
    }
    let body = rows.map { row -> HTML in
      let cells = zip(columns, row).map { $1.html(isNumeric: $0.isNumeric) }
      return "<tr>\(cells)</tr>"
    }
    let head: HTML = isGrouped ? "<tr class=\"groups\">\(groups)</tr>\n" : ""
    return """
      <div class="\(box)" tabindex="0" role="region" aria-label="table"><table class="data">
      <thead>\(head)<tr>\(headings)</tr></thead>
      <tbody>\(body)</tbody></table></div>
      <p class="caption">\(caption)</p>
      """
  }
}

extension ReportTable.Cell {
  fileprivate func html(isNumeric: Bool) -> HTML {
    let parts = text.split(separator: " ± ", maxSplits: 1).map(String.init)
    var shown: HTML = "\(parts.first ?? "")"
    if parts.count == 2 { shown = "\(shown) <span class=\"sd\">± \(parts[1])</span>" }
    if isStrong { shown = "<strong>\(shown)</strong>" }
    if let swatch {
      let color = HTML(markup: swatch.map { "\($0)" }.joined(separator: ","))
      shown = "<span class=\"swatch\" style=\"background:rgb(\(color))\"></span>\(shown)"
    }
    let sort = value.map { HTML(markup: " data-value=\"\($0)\"") } ?? ""
    let kinds = (isNumeric ? ["number"] : []) + (bar == nil ? [] : ["bar"])
    let kind = kinds.isEmpty ? "" : HTML(markup: " class=\"\(kinds.joined(separator: " "))\"")
    let length = bar.map { HTML(markup: " style=\"--bar:\(fixed($0, 4))\"") } ?? ""
    return "<td\(kind)\(sort)\(length)>\(shown)</td>"
  }
}
