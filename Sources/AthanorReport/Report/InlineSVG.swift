import AthanorExperiment
import Foundation

/// A figure of gnuplot's, made to stand in a page beside others.
///
/// Its ids are made its own, since gnuplot uses the same ones in every figure. Its colours become the
/// page's: text and axes take the text's colour, the grid `--rule`, curves `--series-0` and on, so
/// that it is legible on light and on dark ground.
enum InlineSVG {
  /// - Parameters:
  ///   - svg: What `Gnuplot.svg` returned.
  ///   - id: Of this figure, unlike any other's in the page.
  ///   - label: What the figure shows, for those who do not see it.
  static func adapt(_ svg: String, id: String, label: String) -> HTML {
    var text = svg
    if let start = text.range(of: "<svg") { text.removeSubrange(..<start.lowerBound) }
    for (pattern, replacement) in [
      ("<desc>.*?</desc>|<title>.*?</title>|<filter.*?</filter>", ""),
      ("\\s*xmlns(:xlink)?=\"[^\"]*\"", ""),
      (" font-family=\"[^\"]*\"", ""),
      // gnuplot names the colour of its pen where none is meant, and so hides the page's.
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
