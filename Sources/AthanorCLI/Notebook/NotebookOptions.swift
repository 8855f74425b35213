/// How a notebook's block is run and how its output is compared: the words after `console`.
public struct NotebookOptions {
  public enum Quick: String, CaseIterable {
    /// Run and compared, as in the full form.
    case compare
    /// Run, not compared.
    case run
    /// Not run.
    case skip
  }

  /// The relative difference that numbers may have.
  public var tolerance = 0.0
  /// Regular expressions; matching text is not compared.
  public var volatile: [String] = []
  /// Whether the last command must fail.
  public var fails = false
  /// Whether the output is ignored.
  public var ignored = false
  public var quick = Quick.compare

  public init() {}

  /// Reads `tolerance=0.02 volatile="[0-9.]+ ms" fails`.
  init(_ text: Substring, path: String, line: Int) throws {
    func wrong(_ message: String) -> NotebookError {
      NotebookError(path: path, line: line, message: message)
    }
    for word in Self.words(text) {
      let (key, value) =
        word.firstIndex(of: "=").map {
          (String(word[..<$0]), String(word[word.index(after: $0)...]))
        } ?? (word, "")
      switch key {
      case "tolerance":
        guard let number = Double(value), number >= 0 else {
          throw wrong("tolerance: expected a number, received '\(value)'")
        }
        tolerance = number
      case "volatile":
        do { _ = try Regex(value) } catch {
          throw wrong("volatile: expected a regular expression, received '\(value)'")
        }
        volatile.append(value)
      case "fails": fails = true
      case "ignore": ignored = true
      case "quick":
        guard let form = Quick(rawValue: value) else {
          let known = Quick.allCases.map(\.rawValue).joined(separator: ", ")
          throw wrong("quick: expected \(known), received '\(value)'")
        }
        quick = form
      default:
        throw wrong("expected tolerance, volatile, fails, ignore or quick, received '\(key)'")
      }
    }
  }

  /// Splits at blanks outside double quotes, and drops the quotes.
  private static func words(_ text: Substring) -> [String] {
    var words: [String] = []
    var word = ""
    var quoted = false
    for character in text {
      if character == "\"" {
        quoted.toggle()
      } else if character == " ", !quoted {
        if !word.isEmpty { words.append(word) }
        word = ""
      } else {
        word.append(character)
      }
    }
    return word.isEmpty ? words : words + [word]
  }

  /// Whether two lines of output agree.
  func matches(_ expected: String, _ received: String) -> Bool {
    if expected == received { return true }
    guard tolerance > 0 || !volatile.isEmpty else { return false }
    let (a, b) = (stable(expected), stable(received))
    if tolerance == 0 { return a == b }
    let (left, right) = (Self.numbers(in: a), Self.numbers(in: b))
    return left.text == right.text && left.numbers.count == right.numbers.count
      && zip(left.numbers, right.numbers).allSatisfy {
        abs($0 - $1) <= tolerance * max(abs($0), abs($1))
      }
  }

  /// The line with volatile text replaced by `…` and runs of blanks by one.
  private func stable(_ line: String) -> String {
    var line = line
    for pattern in volatile {
      if let regex = try? Regex(pattern) { line = line.replacing(regex, with: "…") }
    }
    return line.split(separator: " ").joined(separator: " ")
  }

  /// The line's numbers, and its text with `#` in place of each number.
  private static func numbers(in line: String) -> (text: String, numbers: [Double]) {
    var numbers: [Double] = []
    let text = line.replacing(#/-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?/#) {
      numbers.append(Double($0.output.0) ?? .nan)
      return "#"
    }
    return (text, numbers)
  }
}
