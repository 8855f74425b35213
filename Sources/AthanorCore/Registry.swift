import Synchronization

/// Options that have a value for every key: the defaults of the paper.
public protocol DefaultInitializable {
  init()
}

/// The options of a registered type without options.
public struct NoOptions: Codable, Equatable, Sendable, DefaultInitializable {
  public init() {}
}

/// Something that a configuration selects by name: a loss, a weighting, an augmentation,
/// a backbone.
public protocol Registered: SendableMetatype {
  associatedtype Options: Codable & Sendable & DefaultInitializable = NoOptions
  /// The name in configurations, on the command line and in tables: `cross_entropy`.
  static var name: String { get }
  /// One line on what it is.
  static var summary: String { get }
  /// Authors, year and equation of the paper, or the implementation whose semantics it follows.
  static var source: String { get }

  /// Errors: an option out of range throws `SettingsError` with the option's own name as the key;
  /// the registry prefixes it with the key path of the selection.
  init(_ options: Options) throws
}

/// The types of one family by name. Adding to a family is one file and one line in its registry.
///
/// A program of one's own adds types before it uses any: after `weightings.register(Mine.self)` the
/// type's name stands in configurations, tables, ablations and reports.
public final class Registry<Product>: Sendable {
  /// What the family is called in messages: `segmentation loss`.
  public let kind: String
  private let registered: Mutex<[Entry]>

  /// In the order of tables.
  public var entries: [Entry] { registered.withLock { $0 } }

  public struct Entry: Sendable {
    public let name: String
    public let type: any Registered.Type
    public let summary: String
    public let source: String
    /// Every option with its default, in the order of declaration.
    public let defaults: @Sendable () throws -> [Settings.Entry]
    fileprivate let build: @Sendable ([Settings.Entry], String) throws -> Product
    fileprivate let resolve: @Sendable ([Settings.Entry], String) throws -> [Settings.Entry]

    public init<T: Registered>(_ type: T.Type, _ wrap: @escaping @Sendable (T) -> Product) {
      name = type.name
      self.type = type
      summary = type.summary
      source = type.source
      defaults = { try Settings.entries(of: T.Options()) }
      build = { given, key in
        let options = try Settings.options(T.Options.self, from: given, at: key)
        do {
          return wrap(try T(options))
        } catch var error as SettingsError where error.file == nil {
          if error.key.isEmpty {
            error.key = key
          } else if error.key != key, !error.key.hasPrefix("\(key).") {
            error.key = "\(key).\(error.key)"
          }
          throw error
        }
      }
      resolve = { given, key in
        try Settings.entries(of: Settings.options(T.Options.self, from: given, at: key))
      }
    }
  }

  public init(kind: String, _ entries: [Entry]) {
    self.kind = kind
    registered = Mutex(entries)
  }

  /// Adds a type, in front of the others or behind them. Traps where its name is taken.
  public func add(_ entry: Entry, first: Bool = false) {
    registered.withLock { entries in
      precondition(
        !entries.contains { $0.name == entry.name },
        "\(kind) '\(entry.name)': the name of \(entry.type) is taken already")
      entries.insert(entry, at: first ? 0 : entries.count)
    }
  }

  public var names: [String] { entries.map(\.name) }

  /// Builds the selected type. `key` is the key path of the selection, for messages.
  public func make(_ selection: Selection, at key: String) throws -> Product {
    try entry(named: selection.name, at: key).build(selection.options, key)
  }

  /// Builds the selected type, and completes `selection` with the defaults.
  public func make(resolving selection: inout Selection, at key: String) throws -> Product {
    selection = try resolved(selection, at: key)
    return try make(selection, at: key)
  }

  /// The selection completed with the defaults.
  public func resolved(_ selection: Selection, at key: String) throws -> Selection {
    let options = try entry(named: selection.name, at: key).resolve(selection.options, key)
    return Selection(selection.name, options)
  }

  private func entry(named name: String, at key: String) throws -> Entry {
    if let entry = entries.first(where: { $0.name == name }) { return entry }
    throw SettingsError(
      key: key, expected: "a \(kind) (\(names.joined(separator: ", ")))", received: "'\(name)'",
      suggestion: nearestName(to: name, among: names))
  }
}
