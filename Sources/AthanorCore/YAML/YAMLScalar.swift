/// Plain scalars of YAML 1.2's core schema, in both directions.
public enum YAMLScalar {
  public static func settings(of text: String) -> Settings {
    switch text {
    case "", "~", "null", "Null", "NULL": return .null
    case "true", "True", "TRUE": return .bool(true)
    case "false", "False", "FALSE": return .bool(false)
    case ".inf", "+.inf", ".Inf", ".INF": return .number(.infinity)
    case "-.inf", "-.Inf", "-.INF": return .number(-.infinity)
    case ".nan", ".NaN", ".NAN": return .number(.nan)
    default: break
    }
    if let value = Int(text) { return .integer(value) }
    if text.hasPrefix("0x"), let value = Int(text.dropFirst(2), radix: 16) {
      return .integer(value)
    }
    if text.hasPrefix("0o"), let value = Int(text.dropFirst(2), radix: 8) { return .integer(value) }
    // Double also reads "nan", "infinity" and hexadecimal floats, which are text here.
    if text.allSatisfy({ $0.isASCII && ($0.isNumber || "+-.eE".contains($0)) }),
      text.contains(where: \.isNumber), let value = Double(text.hasPrefix(".") ? "0" + text : text),
      value.isFinite
    {
      return .number(value)
    }
    return .string(text)
  }

  /// The text of a leaf, quoted where it would be read as something else.
  public static func text(of settings: Settings) -> String? {
    switch settings {
    case .null: return "null"
    case .bool(let value): return value ? "true" : "false"
    case .integer(let value): return String(value)
    case .number(let value):
      if value.isNaN { return ".nan" }
      if value.isInfinite { return value > 0 ? ".inf" : "-.inf" }
      return value.description
    case .string(let value): return quoted(value)
    case .selection(let name, let options): return options.isEmpty ? quoted(name) : nil
    case .list(let items):
      if items.isEmpty { return "[]" }
      let texts = items.compactMap(flowText)
      return texts.count == items.count ? "[\(texts.joined(separator: ", "))]" : nil
    case .map(let entries), .dictionary(let entries): return entries.isEmpty ? "{}" : nil
    }
  }

  /// The text of an item of a list that is on one line; lists of lists have a line per item.
  private static func flowText(of item: Settings) -> String? {
    if case .list = item { return nil }
    return text(of: item)
  }

  public static func quoted(_ text: String) -> String {
    let isPlain =
      settings(of: text) == .string(text)
      && text.unicodeScalars.allSatisfy {
        $0.properties.isAlphabetic || ("0"..."9").contains($0)
          || "_-./+ ".unicodeScalars.contains($0)
      } && !text.hasPrefix(" ") && !text.hasSuffix(" ") && !text.hasPrefix("-")
      && !["yes", "no", "on", "off", "y", "n"].contains(text.lowercased())
    return isPlain ? text : JSON.string(text).compact
  }
}
