/// A file or folder that can be read and whose content cannot be used: which one, where in it, what
/// was expected there and what was found.
public struct ContentError: Error, Equatable, CustomStringConvertible {
  public var path: String
  /// The part that is wrong: a name in quotes, or `the header`, `row 3`; empty for the whole.
  public var key: String
  public var expected: String
  public var received: String
  /// The known name nearest to an unknown one.
  public var suggestion: String?

  public init(
    path: String, key: String = "", expected: String, received: String, suggestion: String? = nil
  ) {
    self.path = path
    self.key = key
    self.expected = expected
    self.received = received
    self.suggestion = suggestion
  }

  public var description: String {
    let place = key.isEmpty ? path : "\(path): \(key)"
    let hint = suggestion.map { " (did you mean '\($0)'?)" } ?? ""
    return "\(place): expected \(expected), received \(received)\(hint)"
  }
}
