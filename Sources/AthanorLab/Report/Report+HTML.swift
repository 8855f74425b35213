import AthanorCore
import Foundation

extension Report {
  /// `report.html`: one file that needs no other.
  func html(_ figures: ReportFigures) -> HTML {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <link rel="icon" href="data:,">
    <title>\(title)</title>
    <style>\(HTML(markup: ReportPage.style))</style>
    </head>
    <body>
    <main>
    <header>
    <h1>\(title)</h1>
    <p class="lead">\(overview)</p>
    \(noteList)
    </header>
    \(sections(figures))
    </main>
    <script>\(HTML(markup: ReportPage.script))</script>
    </body>
    </html>

    """
  }

  private var noteList: HTML {
    guard !remarks.isEmpty else { return "" }
    return "<ul class=\"notes\">\(remarks.map { "<li>\($0)</li>" as HTML })</ul>"
  }

  private func sections(_ figures: ReportFigures) -> [HTML] {
    let results: [HTML?] =
      hasResults
      ? [
        Self.section("Results", resultTable.html),
        differenceTable.map { Self.section("Paired differences", $0.html) },
        classTable.map { Self.section("Classes", $0.html) },
        plane(figures),
        Self.section("Validation", validationTable.html + (candidateTable?.html ?? "")),
        figures.curves.isEmpty
          ? nil
          : Self.section(
            "Over training",
            "<p>\(Self.curvesCaption)</p>"
              + HTML(markup: figures.curves.map { curves($0).markup }.joined())),
        examples.map { Self.section("Examples", $0) },
      ] : []
    return
      (results + [
        configTable.map { Self.section("Configurations", $0.html) },
        Self.section("Runs", runTable.html),
        origin,
      ]).compactMap(\.self)
  }

  static let curvesCaption =
    "Means over seeds and over sixtieths of the run; the axes of a row are the same."
  static let planeCaption =
    "mIoU and AP on test: means, bars of one standard deviation over seeds. The line joins the fixed "
    + "weights in order of their ratio; dotted is what each task reaches alone. Up and to the right "
    + "is better."
  static let frontCaption = "The fixed weights alone: both metrics over the ratio of the weights."

  private static func section(_ heading: String, _ body: HTML) -> HTML {
    "<section>\n<h2>\(heading)</h2>\n\(body)\n</section>"
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
    guard let plane = figures.plane else { return nil }
    let shown = methods.indices.filter {
      methods[$0].spread(.testMIoU) != nil && methods[$0].spread(.testAP) != nil
    }
    var body: HTML = """
      <figure class="wide"><div class="scroll">\(plane.inline)</div>
      <ul class="legend">\(shown.map(legend))</ul>
      <figcaption>\(Self.planeCaption)</figcaption></figure>
      """
    if let front = figures.front {
      body =
        body + """
          <figure class="wide"><div class="scroll">\(front.inline)</div>
          <ul class="legend">
          <li><span class="line" style="background:var(--series-0)"></span> AP</li>
          <li><span class="line" style="background:var(--series-1)"></span> mIoU</li></ul>
          <figcaption>\(Self.frontCaption)</figcaption></figure>
          """
    }
    return Self.section("mIoU against AP", body)
  }

  private func curves(_ curves: ReportFigures.Curves) -> HTML {
    let names = curves.names.enumerated().map { index, name -> HTML in
      let color = HTML(markup: "var(--series-\(index % Gnuplot.palette.count))")
      return """
        <li><span class="line" style="background:\(color)"></span> \
        \(name.replacing(",", with: " · "))</li>
        """
    }
    let panels = curves.panels.map { panel -> HTML in
      """
      <figure>\(panel.figure.inline)<figcaption><b>\(panel.method + 1)</b> \(methods[panel.method].label)\
      </figcaption></figure>
      """
    }
    return """
      <h3>\(curves.quantity.title)</h3>
      <ul class="legend">\(names)</ul>
      <div class="panels">\(panels)</div>
      """
  }

  /// What it takes to repeat everything.
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
    return Self.section("To repeat it", "<dl>\(lines)</dl>\n\(spec)\n\(base)\n\(config)")
  }
}

extension ReportTable {
  /// A table in a box of its own that scrolls, whose headings sort it.
  var html: HTML {
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
      <div class="scroll" tabindex="0" role="region" aria-label="table"><table class="data">
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
    let sort = value.map { HTML(markup: " data-value=\"\($0)\"") } ?? ""
    return "<td\(isNumeric ? " class=\"number\"" : "" as HTML)\(sort)>\(shown)</td>"
  }
}
