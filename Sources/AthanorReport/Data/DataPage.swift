import AthanorCore
import AthanorData
import AthanorExperiment
import AthanorVision
import Foundation

/// The page of `data inspect --out`: `index.html`, which needs no other file, with its figures and
/// contact sheets as PNG.
package struct DataPage {
  /// The number of samples on the sheet of a split, and for each reason to look at samples.
  private static let (sheetCount, suspectCount) = (24, 12)

  private let title: String
  /// Where the data come from, as named values.
  private let origin: [(name: String, value: String)]
  private let inspection: DataInspection
  private let seed: Int

  package init(
    title: String, origin: [(name: String, value: String)], inspection: DataInspection, seed: Int
  ) {
    (self.title, self.origin) = (title, origin)
    (self.inspection, self.seed) = (inspection, seed)
  }

  private var report: DataReport { inspection.report }

  /// Writes the files into the folder, `index.html` last.
  ///
  /// Without gnuplot there are no figures, and a note on the page says so.
  ///
  /// Errors: throws `FileError`, `ContentError`.
  package func write(to folder: String) throws {
    let all = DataFigure.all(of: inspection)
    var (figures, failures, written) = ([String: HTML](), [String](), Set<String>())
    for figure in all {
      do {
        figures[figure.name] = try figure.inline()
        try figure.write(to: folder)
        written.insert("\(figure.name).png")
      } catch let failure as Gnuplot.Failure {
        if !failures.contains(failure.reason) { failures.append(failure.reason) }
      }
    }
    var body: [HTML] = [
      ReportPage.section("Summary", id: "summary", report.summaryTable.html),
      classes(all, figures), boxes(all, figures),
      report.furtherTable.map { ReportPage.section("Further labels", id: "labels", $0.html) },
      images(all, figures),
    ].compactMap(\.self)
    if !report.damaged.isEmpty {
      body.append(ReportPage.section("Damaged samples", id: "damaged", try damaged()))
    }
    if !report.duplicates.isEmpty {
      body.append(ReportPage.section("Equal images", id: "duplicates", try duplicates()))
    }
    if !report.suspicious.isEmpty {
      let kinds = try report.suspicious.map { kind in
        let pictures = try pictures(of: kind.kind)
        try write(pictures, "suspicious_\(kind.kind.rawValue)", to: folder, &written)
        return try suspects(kind, pictures)
      }
      body.append(ReportPage.section("Worth a look", id: "suspicious", "\(kinds)"))
    }
    var sheets: [HTML] = []
    for (number, part) in inspection.parts.enumerated() {
      let chosen = SamplePicture.chosen(
        of: inspection, part: number, count: Self.sheetCount, seed: seed)
      let pictures = try SamplePicture.draw(chosen, of: inspection)
      guard !pictures.isEmpty else { continue }
      try write(pictures, "samples_\(part.split)", to: folder, &written)
      sheets.append("<h3>\(part.split.rawValue)</h3>\n\(try thumbs(pictures))")
    }
    body.append(ReportPage.section("Samples", id: "samples", "\(sheetIntroduction)\(sheets)"))
    let lines = (origin + [("seed of the samples shown", "\(seed)")]).map {
      "<dt>\($0.name)</dt><dd>\($0.value)</dd>" as HTML
    }
    body.append(ReportPage.section("Where it comes from", id: "origin", "<dl>\(lines)</dl>"))
    let notes =
      report.warnings.map { "\($0)" } + failures.map { "Figures are missing: \($0)." }
    let page = ReportPage.page(
      title: title, lead: "\(lead)", notes: notes, body: [links(body)] + body)
    try removeLeftovers(in: folder, but: written)
    try AtomicFile.write(page.markup, to: "\(folder)/index.html")
  }

  private var lead: String {
    let splits = report.splits.map { "\(grouped($0.samples)) \($0.split)" }
    let all = report.splits.reduce(0) { $0 + $1.samples }
    let classes = [
      report.segmentationClasses.isEmpty
        ? nil : "\(report.segmentationClasses.count) classes of pixels",
      report.detectionClasses.isEmpty ? nil : "\(report.detectionClasses.count) classes of boxes",
    ].compactMap(\.self)
    return "\(grouped(all)) samples (\(splits.joined(separator: ", ")))"
      + (classes.isEmpty ? "" : "; \(classes.joined(separator: ", "))") + "."
      + (report.damaged.isEmpty
        ? "" : " \(grouped(report.damaged.count)) more cannot be read.")
      + (report.warnings.isEmpty ? " There is nothing to warn of." : "")
  }

  /// Links to the sections.
  private func links(_ body: [HTML]) -> HTML {
    let items = body.compactMap { section -> HTML? in
      guard
        let match = section.markup.prefixMatch(of: #/<section id="([a-z]+)">\n<h2>([^<]*)<\/h2>/#)
      else { return nil }
      return HTML(markup: "<li><a href=\"#\(match.1)\">\(match.2)</a></li>")
    }
    return "<nav><ul class=\"links\">\(items)</ul></nav>"
  }

  // MARK: - Numbers

  private func classes(_ all: [DataFigure], _ figures: [String: HTML]) -> HTML? {
    guard !report.segmentationClasses.isEmpty || !report.detectionClasses.isEmpty else {
      return nil
    }
    let sentences = report.imbalance.map { "<p>\($0)</p>" as HTML }
    let drawn = Self.shown(["class_boxes", "class_pixels"], all, figures, legend)
    return ReportPage.section(
      "Classes", id: "classes",
      "\(sentences)\(drawn)\(report.classTable(inspection.classes).html)")
  }

  private func boxes(_ all: [DataFigure], _ figures: [String: HTML]) -> HTML? {
    guard let table = report.boxTable else { return nil }
    let drawn = Self.shown(["box_sizes", "box_shares", "boxes_per_image"], all, figures, legend)
    return ReportPage.section("Boxes", id: "boxes", "\(drawn)\(table.html)")
  }

  private func images(_ all: [DataFigure], _ figures: [String: HTML]) -> HTML? {
    let drawn = Self.shown(["image_sizes"], all, figures, legend)
    return drawn.isEmpty ? nil : ReportPage.section("Images", id: "images", "\(drawn)")
  }

  private static func shown(
    _ names: [String], _ all: [DataFigure], _ figures: [String: HTML], _ legend: HTML
  ) -> [HTML] {
    names.compactMap { name in
      guard let figure = all.first(where: { $0.name == name }), let drawn = figures[name] else {
        return nil
      }
      return """
        <figure class="wide"><div class="scroll" tabindex="0" role="region" aria-label="figure">\
        \(drawn)</div>
        \(legend)
        <figcaption><b>\(figure.label).</b> \(figure.caption)</figcaption></figure>
        """
    }
  }

  /// The splits' colours.
  private var legend: HTML {
    let items = report.splits.enumerated().map { index, split in
      let color = HTML(markup: "var(--series-\(index % Gnuplot.palette.count))")
      return "<li><span class=\"line\" style=\"background:\(color)\"></span>\(split.split)</li>"
        as HTML
    }
    return "<ul class=\"legend\">\(items)</ul>"
  }

  // MARK: - Samples

  private func damaged() throws -> HTML {
    let chosen = inspection.parts.enumerated().flatMap { number, part in
      part.problems.map { (number, $0.index) }
    }
    let pictures = try SamplePicture.draw(
      Array(chosen.prefix(Self.suspectCount)), of: inspection)
    return "\(report.damagedTable.html)\(try thumbs(pictures))"
  }

  private func duplicates() throws -> HTML {
    let chosen = report.duplicates.prefix(Self.suspectCount).compactMap { group in
      place(group.samples[0])
    }
    let pictures = try SamplePicture.draw(chosen, of: inspection)
    return "\(report.duplicateTable.html)\(try thumbs(pictures))"
  }

  private func place(_ place: DataReport.SampleReference) -> (part: Int, index: Int)? {
    for (number, part) in inspection.parts.enumerated() where part.split.rawValue == place.split {
      let index = (0..<part.dataset.count).first { part.dataset.name(at: $0) == place.name }
      return index.map { (number, $0) }
    }
    return nil
  }

  private func pictures(of kind: Suspicion) throws -> [SamplePicture] {
    let found = kind.suspects(in: inspection.parts, inspection.classes)
    return try SamplePicture.draw(
      found.prefix(Self.suspectCount).map { ($0.part, $0.index) }, of: inspection)
  }

  private func suspects(
    _ kind: DataReport.Suspects, _ pictures: [SamplePicture]
  ) throws -> HTML {
    let rest =
      kind.count > pictures.count
      ? " The \(pictures.count) that are most so are shown." : ""
    return """
      <h3>\(kind.kind.title): \(grouped(kind.count))</h3>
      <p class="caption">\(kind.kind.explanation)\(rest)</p>
      \(try thumbs(pictures))
      """
  }

  /// The legend of class colours, for the classes that occur.
  private var sheetIntroduction: HTML {
    func item(_ name: String, _ rgb: [UInt8]) -> HTML {
      let color = HTML(markup: rgb.map { "\($0)" }.joined(separator: ","))
      return "<li><span class=\"swatch\" style=\"background:rgb(\(color))\"></span>\(name)</li>"
    }
    let counts = report.splits.flatMap { $0.pixels + $0.boxes }
    let found = Set(counts.filter { $0.count > 0 }.map(\.name))
    let names = report.classNames.filter { found.contains($0) && !ClassName.isBackground($0) }
    var items = names.prefix(80).map { item($0, inspection.classes.color(of: $0)) }
    if names.count > 80 { items.append("<li>and \(names.count - 80) more</li>") }
    if report.splits.contains(where: { $0.ignoredPixels > 0 }) {
      items.append(item("ignored", Colors.mask(255)))
    }
    return """
      <p class="caption">Drawn at random by the seed, \(Self.sheetCount) of a split at most.</p>
      <ul class="legend">\(items)</ul>
      """
  }

  private func thumbs(_ pictures: [SamplePicture]) throws -> HTML {
    let figures = try pictures.map { picture -> HTML in
      let part = inspection.parts[picture.part]
      let name = part.dataset.name(at: picture.index)
      let image = ReportPage.picture(
        jpeg: try picture.image.jpegData(), alt: "\(part.split) sample \(name) with its labels")
      return """
        <figure>\(image)<figcaption>\(name) <span class="sd">\(part.split.rawValue)</span>\
        </figcaption></figure>
        """
    }
    return figures.isEmpty ? "" : "<div class=\"thumbs\">\(figures)</div>"
  }

  // MARK: - Files

  private func write(
    _ pictures: [SamplePicture], _ name: String, to folder: String, _ written: inout Set<String>
  ) throws {
    guard !pictures.isEmpty else { return }
    var sheet = ContactSheet(columns: 6)
    for picture in pictures {
      sheet.add(
        picture.image, caption: inspection.parts[picture.part].dataset.name(at: picture.index))
    }
    try sheet.render().write(to: "\(folder)/\(name).png")
    written.insert("\(name).png")
  }

  /// Removes pictures of an earlier page that are not part of this one.
  private func removeLeftovers(in folder: String, but written: Set<String>) throws {
    let ours =
      [
        "class_boxes", "class_pixels", "box_sizes", "box_shares", "boxes_per_image", "image_sizes",
      ] + Split.allCases.map { "samples_\($0)" }
      + Suspicion.allCases.map { "suspicious_\($0.rawValue)" }
    for name in ours.map({ "\($0).png" }) where !written.contains(name) {
      unlink("\(folder)/\(name)")
    }
  }
}
