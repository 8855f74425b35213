import AthanorCore

/// The options of a layout: those that all layouts share, and its own.
///
/// In a configuration they are on one level: `{name: voc, path: set, val: 0.1, difficult: true}`.
@dynamicMemberLookup
public struct LayoutOptions<Own: Codable & Equatable & Sendable & DefaultInitializable>: Codable,
  Equatable, Sendable, DefaultInitializable
{
  /// The options of every layout.
  public struct Shared: Codable, Equatable, Sendable, DefaultInitializable {
    /// The data set's folder.
    public var path = ""
    /// The classes wanted, by name, in the order of their indices; objects of others become
    /// background. Empty: all. For masks whose values have no other names, the names of the values.
    public var classes: [String] = []

    public init() {}
  }

  public var shared = Shared()
  public var own = Own()
  public var division = SplitOptions()

  public init() {}

  public init(from decoder: any Decoder) throws {
    shared = try Shared(from: decoder)
    own = try Own(from: decoder)
    division = try SplitOptions(from: decoder)
  }

  public func encode(to encoder: any Encoder) throws {
    try shared.encode(to: encoder)
    try own.encode(to: encoder)
    try division.encode(to: encoder)
  }

  public subscript<Value>(dynamicMember key: WritableKeyPath<Own, Value>) -> Value {
    get { own[keyPath: key] }
    set { own[keyPath: key] = newValue }
  }

  public var path: String {
    get { shared.path }
    set { shared.path = newValue }
  }

  public var classes: [String] {
    get { shared.classes }
    set { shared.classes = newValue }
  }
}
