/// An image file that cannot be used: what was expected and what was received.
public struct ImageFileError: Error, Equatable, Sendable, CustomStringConvertible {
  public var path: String
  public var expected: String
  public var received: String

  public init(path: String, expected: String, received: String) {
    self.path = path
    self.expected = expected
    self.received = received
  }

  public var description: String { "\(path): expected \(expected), received \(received)" }
}
