extension JSON {
  /// The text on one line. Infinities and NaN, which JSON does not have, are written as null.
  public var compact: String {
    var text = ""
    write(to: &text, indent: nil)
    return text
  }

  /// The text with two spaces of indent; arrays of scalars stay on one line. Ends without
  /// a newline.
  public var pretty: String {
    var text = ""
    write(to: &text, indent: 0)
    return text
  }

  private func write(to text: inout String, indent: Int?) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .number(let value): text += Self.text(of: value)
    case .string(let value): Self.quote(value, into: &text)
    case .array(let items):
      let inner = items.allSatisfy(\.isScalar) ? nil : indent
      Self.list(items, "[", "]", indent: inner, spaced: indent != nil, into: &text) {
        $0.write(to: &$1, indent: $2)
      }
    case .object(let members):
      Self.list(members, "{", "}", indent: indent, spaced: indent != nil, into: &text) {
        Self.quote($0.key, into: &$1)
        $1 += $2 == nil ? ":" : ": "
        $0.value.write(to: &$1, indent: $2)
      }
    }
  }

  private var isScalar: Bool {
    switch self {
    case .array, .object: false
    default: true
    }
  }

  private static func list<Item>(
    _ items: [Item], _ open: String, _ close: String, indent: Int?, spaced: Bool,
    into text: inout String, _ write: (Item, inout String, Int?) -> Void
  ) {
    text += open
    let inner = indent.map { $0 + 2 }
    for (index, item) in items.enumerated() {
      if index > 0 { text += inner == nil && spaced ? ", " : "," }
      if let inner { text += "\n" + String(repeating: " ", count: inner) }
      write(item, &text, inner)
    }
    if let indent, !items.isEmpty { text += "\n" + String(repeating: " ", count: indent) }
    text += close
  }

  private static func text(of value: Double) -> String {
    guard value.isFinite else { return "null" }
    return value == value.rounded() && abs(value) < 1e15 ? "\(Int(value)).0" : value.description
  }

  private static func quote(_ value: String, into text: inout String) {
    text += "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{0}"..."\u{1F}", "\u{7F}":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
