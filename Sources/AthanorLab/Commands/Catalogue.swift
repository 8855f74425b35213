import AthanorBalancing
import AthanorCore
import AthanorData
import AthanorLosses
import AthanorNetworks
import AthanorTraining
import AthanorVision

/// The registries by the name under which `athanor list` shows them.
public struct Catalogue: Sendable {
  /// One registered type, as a table or JSON shows it.
  public struct Item: Sendable {
    public var name: String
    public var summary: String
    public var source: String
    public var options: [Settings.Entry]

    typealias Reader = @Sendable () throws -> Item
  }

  /// `weightings`, as typed.
  public var name: String
  private var read: @Sendable () throws -> [Item]

  private init(_ name: String, _ readers: [Item.Reader]) {
    self.name = name
    read = { try readers.map { try $0() } }
  }

  private static func readers<Product>(_ registry: Registry<Product>) -> [Item.Reader] {
    registry.entries.map { entry in
      {
        Item(
          name: entry.name, summary: entry.summary, source: entry.source,
          options: try entry.defaults())
      }
    }
  }

  public static let all: [Catalogue] = [
    Catalogue(
      "losses",
      readers(segmentationLosses) + readers(classificationLosses) + readers(boxLosses)),
    Catalogue("weightings", readers(weightings)),
    Catalogue("augmentations", readers(augmentations)), Catalogue("datasets", readers(datasets)),
    Catalogue("backbones", readers(backbones)), Catalogue("optimizers", readers(optimizers)),
    Catalogue("schedules", readers(schedules)), Catalogue("ops", readers(preprocessingOps)),
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
