import AthanorCore

extension ContentError {
  /// A class name that the class list does not hold.
  static func unknownClass(_ name: String, in path: String, known: [String]) -> ContentError {
    let shown = known.prefix(12).joined(separator: ", ") + (known.count > 12 ? ", …" : "")
    return ContentError(
      path: path, expected: "one of the classes \(shown)", received: "the unknown class '\(name)'",
      suggestion: nearestName(to: name, among: known))
  }
}
