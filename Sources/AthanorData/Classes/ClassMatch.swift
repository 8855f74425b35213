import AthanorCore

/// How the classes of data agree with those that a network was trained on, by name.
public struct ClassMatch: Equatable, Sendable {
  /// Which labels: `masks` or `boxes`.
  public let labels: String
  /// The network's.
  public let expected: [String]
  /// The data's.
  public let received: [String]

  public init(of labels: String, expected: [String], received: [String]) {
    self.labels = labels
    self.expected = expected
    self.received = received
  }

  /// Classes of the data that the network does not know.
  public var unknown: [String] { Self.names(received, without: expected) }

  /// Classes of the network that the data do not have.
  public var missing: [String] { Self.names(expected, without: received) }

  /// The index of each of the network's classes among the data's; nil where it is missing.
  public var receivedIndices: [Int?] { ClassMapping.indices(of: expected, in: received) }

  /// Whether both have the same classes, in any order.
  public var isWhole: Bool { unknown.isEmpty && missing.isEmpty }

  /// Whether the common classes have different orders or indices.
  public var isReordered: Bool {
    let indices = ClassMapping.indices(of: received, in: expected)
    return zip(indices, received.indices).contains { $0 != nil && $0 != $1 }
  }

  private static func names(_ names: [String], without others: [String]) -> [String] {
    zip(names, ClassMapping.indices(of: names, in: others)).filter { $1 == nil }.map(\.0)
  }
}

/// Data whose classes are not those of a network.
public struct ClassMatchError: Error, Equatable, CustomStringConvertible {
  /// The data.
  public var path: String
  /// The checkpoint.
  public var checkpoint: String
  public var match: ClassMatch
  /// The option that allows to continue nevertheless.
  public var answer: String?

  public init(path: String, checkpoint: String, match: ClassMatch, answer: String? = nil) {
    self.path = path
    self.checkpoint = checkpoint
    self.match = match
    self.answer = answer
  }

  public var description: String {
    func list(_ names: [String]) -> String { "[\(names.joined(separator: ", "))]" }
    func quoted(_ names: [String]) -> String { names.map { "'\($0)'" }.joined(separator: ", ") }
    var differences: [String] = []
    if !match.unknown.isEmpty {
      differences.append("\(quoted(match.unknown)) unknown to the checkpoint")
    }
    // Other data may have fewer classes: where there is such an option, only unknown classes are
    // errors.
    if !match.missing.isEmpty, answer == nil || match.unknown.isEmpty {
      differences.append("\(quoted(match.missing)) gone from the data")
    }
    return "\(path): expected the classes of \(match.labels) that \(checkpoint) was trained on, "
      + "\(list(match.expected)), received \(list(match.received)): "
      + differences.joined(separator: ", ") + (answer.map { "; \($0)" } ?? "")
  }
}
