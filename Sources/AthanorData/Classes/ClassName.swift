import AthanorCore

/// The meaning of class names: which are equal, which is the background, and which mark pixels or
/// regions to ignore.
public enum ClassName {
  /// The common key of all spellings of a class: the name without surrounding space; every name of
  /// the background is `background`.
  public static func key(_ name: String) -> String {
    let trimmed = trimmed(name)
    return isBackground(trimmed) ? "background" : trimmed
  }

  public static func trimmed(_ name: String) -> String {
    guard let first = name.firstIndex(where: { !$0.isWhitespace }) else { return "" }
    let last = name.lastIndex { !$0.isWhitespace }!
    return String(name[first...last])
  }

  /// Whether the name is that of the background: `background`, `_background_`, `__background__`,
  /// `bg`, in any case.
  public static func isBackground(_ name: String) -> Bool {
    backgrounds.contains(words(name))
  }

  /// The class of shapes that are not read (and counted as left out): their pixels are unknown.
  static let unread = "(void)"

  /// Whether the name marks regions to ignore: `void`, `ignore`, `unlabeled`, `DontCare`, …
  public static func isVoid(_ name: String) -> Bool { voids.contains(words(name)) }

  private static let backgrounds: Set<String> = ["background", "bg"]
  private static let voids: Set<String> = [
    "void", "ignore", "ignored", "ignoreregion", "ignoredregion", "unlabeled", "unlabelled",
    "dontcare",
  ]

  /// Only the letters and digits of the name, in lower case.
  private static func words(_ name: String) -> String {
    String(name.lowercased().filter { $0.isLetter || $0.isNumber })
  }
}

extension [String] {
  /// Class names that are valid in a table: trimmed, none empty, none twice, one background.
  ///
  /// - Parameters:
  ///   - file: The file that the names were read from, or the key of an option.
  ///   - key: The name of the list in it.
  ///
  /// Errors: throws `ContentError` naming the file and the class.
  public func checkedClassNames(in file: String, key: String) throws -> [String] {
    var seen: [String: String] = [:]
    return try map { written in
      let name = ClassName.trimmed(written)
      guard !name.isEmpty else {
        throw ContentError(
          path: file, expected: "a name for every class in \(key)", received: "an empty one")
      }
      if let other = seen.updateValue(name, forKey: ClassName.key(name)) {
        throw ContentError(
          path: file, expected: "each class once in \(key)",
          received: other == name ? "'\(name)' twice" : "'\(other)' and '\(name)'")
      }
      return name
    }
  }
}
