import AthanorExperiment
import Foundation

/// The common parts of all report pages: frame, style, and the sorting of tables.
enum ReportPage {
  /// A page that needs no other file.
  static func page(title: String, lead: HTML, notes: [String], body: [HTML]) -> HTML {
    let list: HTML =
      notes.isEmpty ? "" : "<ul class=\"notes\">\(notes.map { "<li>\($0)</li>" as HTML })</ul>"
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <link rel="icon" href="data:,">
      <title>\(title)</title>
      <style>\(HTML(markup: style))</style>
      </head>
      <body>
      <main>
      <header>
      <h1>\(title)</h1>
      <p class="lead">\(lead)</p>
      \(list)
      </header>
      \(body)
      </main>
      <script>\(HTML(markup: script))</script>
      </body>
      </html>

      """
  }

  /// A section under its heading; `id` is the target of links within the page.
  static func section(_ heading: String, id: String? = nil, _ body: HTML) -> HTML {
    let id = id.map { " id=\"\($0)\"" as HTML } ?? ""
    return "<section\(id)>\n<h2>\(heading)</h2>\n\(body)\n</section>"
  }

  /// A picture embedded in the page.
  static func picture(jpeg bytes: [UInt8], alt: String) -> HTML {
    let data = HTML(markup: Data(bytes).base64EncodedString())
    return "<img src=\"data:image/jpeg;base64,\(data)\" alt=\"\(alt)\">"
  }

  /// Colours are CSS variables, which figures use too; readers who prefer dark mode get the dark
  /// ones.
  static let style = String(
    decoding: PackageResources.report_css, as: UTF8.self)

  /// A click or key press on a heading sorts its table: numbers from the largest, text from A; a
  /// second one reverses the order. Missing values stay at the end.
  static let script = String(
    decoding: PackageResources.report_js, as: UTF8.self)
}
