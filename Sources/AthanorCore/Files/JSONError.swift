/// Text that is not JSON, or an unexpected value: its position, what was expected and what was
/// received.
public struct JSONError: Error, Equatable, CustomStringConvertible {
  /// The file the text came from, if it came from one.
  public var file: String?
  /// Counted from 1.
  public var line: Int
  /// Counted from 1, in bytes.
  public var column: Int
  /// Which value is wrong: `annotations[3].bbox[1]`, empty for the whole text. `nil` where the text
  /// is not JSON.
  public var key: String?
  public var expected: String
  public var received: String

  public init(
    file: String?, line: Int, column: Int, key: String? = nil, expected: String, received: String
  ) {
    self.file = file
    self.line = line
    self.column = column
    self.key = key
    self.expected = expected
    self.received = received
  }

  public var description: String {
    let place = (file.map { "\($0):" } ?? "line ") + "\(line):\(column)"
    let key = key.map { $0.isEmpty ? "" : "\($0): " } ?? ""
    return "\(place): \(key)expected \(expected), received \(received)"
  }

  /// The same error for a value in the object or array at the path `container`.
  public func inside(_ container: String) -> JSONError {
    guard let key else { return self }
    var outer = self
    outer.key = key.isEmpty || key.hasPrefix("[") ? container + key : "\(container).\(key)"
    return outer
  }
}
