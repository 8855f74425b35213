import AthanorExperiment
/// HTML markup. Interpolated text is escaped; only literals in the source code are not.
public struct HTML: ExpressibleByStringInterpolation, Equatable, Sendable {
  public var markup: String

  public init(markup: String) { self.markup = markup }
  public init(stringLiteral value: String) { markup = value }
  public init(stringInterpolation: StringInterpolation) { markup = stringInterpolation.markup }

  public struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var markup = ""

    public init(literalCapacity: Int, interpolationCount: Int) {}
    public mutating func appendLiteral(_ literal: String) { markup += literal }
    public mutating func appendInterpolation(_ text: String) { markup += HTML.escape(text) }
    public mutating func appendInterpolation(_ number: Int) { markup += String(number) }
    public mutating func appendInterpolation(_ html: HTML) { markup += html.markup }
    public mutating func appendInterpolation(_ parts: [HTML]) {
      markup += parts.map(\.markup).joined(separator: "\n")
    }
  }

  public static func + (a: HTML, b: HTML) -> HTML { HTML(markup: a.markup + b.markup) }

  /// The text with the characters that are special in HTML replaced by entities; safe in attributes
  /// too.
  public static func escape(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
