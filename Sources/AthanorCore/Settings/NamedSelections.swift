/// Selections from one registry under names chosen by the user, in order.
///
/// ```yaml
/// segmentation: {loss: dice}                  # the type is the key
/// lane: {type: segmentation, label: lane}     # unless it is given
/// ```
///
/// `[segmentation, detection]` selects each with its defaults; an entry that is null is left out.
public struct NamedSelections: Equatable, Sendable, ExpressibleByArrayLiteral {
  public struct Element: Equatable, Sendable {
    public var name: String
    /// Its type and options.
    public var selection: Selection

    public init(_ name: String, _ selection: Selection) {
      self.name = name
      self.selection = selection
    }
  }

  public var elements: [Element]

  public init(_ elements: [Element]) { self.elements = elements }

  /// Each of these types under its own name, with its defaults.
  public init(arrayLiteral types: String...) {
    elements = types.map { Element($0, Selection($0)) }
  }

  public var names: [String] { elements.map(\.name) }
  public var count: Int { elements.count }

  /// The selection of this name; nil where there is none. A new name is appended.
  public subscript(name: String) -> Selection? {
    get { elements.first { $0.name == name }?.selection }
    set {
      let index = elements.firstIndex { $0.name == name } ?? elements.count
      elements.replaceSubrange(
        index..<min(index + 1, elements.count), with: newValue.map { [Element(name, $0)] } ?? [])
    }
  }

  /// The selections with these names, in the order of `self`.
  public func keeping(_ names: Set<String>) -> NamedSelections {
    NamedSelections(elements.filter { names.contains($0.name) })
  }

  /// The same names with other selections.
  public func map(_ change: (Element) throws -> Selection) rethrows -> NamedSelections {
    NamedSelections(try elements.map { Element($0.name, try change($0)) })
  }

  /// The tree for a file.
  public var settings: Settings {
    .dictionary(
      elements.map { element in
        Settings.Entry(
          element.name,
          .map([.init("type", .string(element.selection.name))] + element.selection.options))
      })
  }

  init(_ tree: Settings, at key: String) throws {
    switch tree {
    case .list(let items):
      elements = try items.enumerated().map { i, item in
        guard case .string(let type) = item else {
          throw SettingsError(
            key: "\(key)[\(i)]", expected: "a name", received: item.inWords)
        }
        return Element(type, Selection(type))
      }
    case .map(let entries), .dictionary(let entries):
      elements = try entries.compactMap { entry in
        try Self.selection(entry, at: "\(key).\(entry.key)").map { Element(entry.key, $0) }
      }
    default:
      throw SettingsError(
        key: key, expected: "a map of names, each with its type and options, or a list of types",
        received: tree.inWords)
    }
    for (i, element) in elements.enumerated()
    where elements[..<i].contains(where: { $0.name == element.name }) {
      throw SettingsError(
        key: key, expected: "each name once", received: "'\(element.name)' twice")
    }
  }

  private static func selection(_ entry: Settings.Entry, at key: String) throws -> Selection? {
    switch entry.value {
    case .null: return nil
    case .string(let type): return Selection(type)
    case .map(var options), .dictionary(var options):
      guard let index = options.firstIndex(where: { $0.key == "type" }) else {
        return Selection(entry.key, options)
      }
      guard case .string(let type) = options.remove(at: index).value else { break }
      return Selection(type, options)
    default: break
    }
    throw SettingsError(
      key: key, expected: "a map of options, 'type' among them where it is not the name",
      received: entry.value.inWords)
  }
}
