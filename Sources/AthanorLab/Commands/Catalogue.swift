import AthanorBalancing
import AthanorCore
import AthanorData
import AthanorNetworks
import AthanorTraining

/// The registries by the name under which `athanor list` shows them.
public struct Catalogue: Sendable {
  /// One registered type, as a table or JSON shows it.
  public struct Item: Sendable {
    public var name: String
    public var summary: String
    public var source: String
    public var options: [Settings.Entry]
  }

  /// `weightings`, as typed.
  public var name: String
  private var read: @Sendable () throws -> [Item]

  init<Product>(_ name: String, _ registry: Registry<Product>) {
    self.name = name
    let entries = registry.entries
    read = {
      try entries.map {
        Item(name: $0.name, summary: $0.summary, source: $0.source, options: try $0.defaults())
      }
    }
  }

  public static let all: [Catalogue] = [
    Catalogue("weightings", weightings), Catalogue("datasets", datasets),
    Catalogue("backbones", backbones), Catalogue("optimizers", optimizers),
    Catalogue("schedules", schedules),
  ]

  public func items() throws -> [Item] { try read() }

  /// Name and summary, then the source and every option with its default.
  public func text() throws -> String {
    let items = try items()
    let width = items.map(\.name.count).max() ?? 0
    let indent = String(repeating: " ", count: width + 2)
    return items.map { item in
      let name = item.name.padded(to: width)
      let options = item.options.map { "\($0.key)=\(JSON($0.value).compact)" }
      return "\(name)  \(item.summary)\n"
        + (item.source == "–" ? "" : "\(indent)\(item.source)\n")
        + (options.isEmpty ? "" : "\(indent)\(options.joined(separator: " "))\n")
    }.joined()
  }

  public func json() throws -> JSON {
    .array(
      try items().map { item in
        [
          "name": .string(item.name), "summary": .string(item.summary),
          "source": .string(item.source), "options": JSON(.map(item.options)),
        ]
      })
  }
}

extension String {
  /// The text with blanks after it, or before it, up to `width` characters.
  func padded(to width: Int, right: Bool = false) -> String {
    let blanks = String(repeating: " ", count: max(0, width - count))
    return right ? blanks + self : self + blanks
  }
}
