import AthanorCore

/// The options of a task: those that all tasks share, and the task's own.
///
/// In a configuration they are on one level: `{type: segmentation, label: lane, loss: dice}`.
@dynamicMemberLookup
public struct TaskOptions<Own: Codable & Equatable & Sendable & DefaultInitializable>: Codable,
  Equatable, Sendable, DefaultInitializable
{
  /// The options of every task.
  public struct Shared: Codable, Equatable, Sendable, DefaultInitializable {
    /// The label of the data set that it reads; null: the usual name for its kind of label.
    public var label: String? = nil

    public init() {}
  }

  public var shared = Shared()
  public var own = Own()

  public init() {}

  public init(_ own: Own, label: String? = nil) {
    self.own = own
    shared.label = label
  }

  public init(from decoder: any Decoder) throws {
    shared = try Shared(from: decoder)
    own = try Own(from: decoder)
  }

  public func encode(to encoder: any Encoder) throws {
    try shared.encode(to: encoder)
    try own.encode(to: encoder)
  }

  public subscript<Value>(dynamicMember key: WritableKeyPath<Own, Value>) -> Value {
    get { own[keyPath: key] }
    set { own[keyPath: key] = newValue }
  }

  public var label: String? {
    get { shared.label }
    set { shared.label = newValue }
  }
}
