import AthanorCore

/// Data that cannot be used: the file or folder, what was expected and what was found.
public struct DatasetError: Error, Equatable, CustomStringConvertible {
  public var path: String
  public var expected: String
  public var received: String
  /// The known name nearest to an unknown one.
  public var suggestion: String?

  public init(path: String, expected: String, received: String, suggestion: String? = nil) {
    self.path = path
    self.expected = expected
    self.received = received
    self.suggestion = suggestion
  }

  /// A class name that is not in the class list.
  static func unknownClass(_ name: String, in path: String, known: [String]) -> DatasetError {
    let shown = known.prefix(12).joined(separator: ", ") + (known.count > 12 ? ", …" : "")
    return DatasetError(
      path: path, expected: "one of the classes \(shown)", received: "the unknown class '\(name)'",
      suggestion: nearestName(to: name, among: known))
  }

  public var description: String {
    let hint = suggestion.map { " (did you mean '\($0)'?)" } ?? ""
    return "\(path): expected \(expected), received \(received)\(hint)"
  }
}
