import AthanorExperiment
import Foundation

/// Adapts a figure from gnuplot so that it can be placed in a page with others.
///
/// Its ids are made unique, since gnuplot uses the same ids in every figure. Its colours become the
/// page's: text and axes use the text colour, the grid `--rule`, curves `--series-0` and up, so
/// that it is legible on light and dark backgrounds.
enum InlineSVG {
  /// - Parameters:
  ///   - svg: The result of `Gnuplot.svg`.
  ///   - id: An id that no other figure in the page has.
  ///   - label: A description for readers who cannot see the figure.
  static func adapt(_ svg: String, id: String, label: String) -> HTML {
    var text = svg
    if let start = text.range(of: "<svg") { text.removeSubrange(..<start.lowerBound) }
    for (pattern, replacement) in [
      ("<desc>.*?</desc>|<title>.*?</title>|<filter.*?</filter>", ""),
      ("\\s*xmlns(:xlink)?=\"[^\"]*\"", ""),
      (" font-family=\"[^\"]*\"", ""),
      // gnuplot sets its pen colour where no colour is meant, which would override the page's.
      (" color=\"(black|white)\"", ""),
      ("(stroke|fill)=\"black\"", "$1=\"currentColor\""),
      ("rgb\\( *(\\d+), *(\\d+), *(\\d+)\\)", "rgb($1,$2,$3)"),
      ("<g [^>]*>\\s*</g>\\s*", ""),
      ("\\bid=(['\"])", "id=$1\(id)-"),
      ("(xlink:)?href='#", "href='#\(id)-"),
      ("url\\(#", "url(#\(id)-"),
      ("[ \\t]*\\n[ \\t]*", "\n"),
      ("\\n+", "\n"),
    ] {
      text = text.replacingOccurrences(
        of: pattern.contains("?</") ? "(?s)" + pattern : pattern, with: replacement,
        options: .regularExpression)
    }
    text = text.replacing("rgb(\(rgb(Gnuplot.ink)))", with: "currentColor")
    text = text.replacing("rgb(\(rgb(Gnuplot.rule)))", with: "var(--rule)")
    for (index, color) in Gnuplot.palette.enumerated() {
      text = text.replacing("rgb(\(rgb(color)))", with: "var(--series-\(index))")
    }
    let name = "<svg id=\"\(id)\" role=\"img\" aria-label=\"\(HTML.escape(label))\""
    return HTML(markup: text.replacing("<svg", with: name, maxReplacements: 1))
  }

  /// `#0072B2` as `0,114,178`.
  private static func rgb(_ hex: String) -> String {
    let value = Int(hex.dropFirst(), radix: 16) ?? 0
    return "\(value >> 16),\(value >> 8 & 255),\(value & 255)"
  }
}
