import AthanorBalancing
import AthanorCore
import AthanorData
import AthanorExperiment
import AthanorLosses
import AthanorNetworks
import AthanorTasks
import AthanorTraining
import AthanorVision

/// A registry under its name in `athanor list`.
public struct Catalogue: Sendable {
  /// One registered type, as a table or JSON shows it.
  public struct Item: Sendable {
    public var name: String
    public var summary: String
    public var source: String
    /// Further properties that distinguish the types of a registry.
    public var traits: [Settings.Entry] = []
    public var options: [Settings.Entry]

    typealias Reader = @Sendable () throws -> Item
  }

  /// Its name as typed: `weightings`.
  public var name: String
  private var read: @Sendable () throws -> [Item]

  private init(_ name: String, _ readers: [Item.Reader]) {
    self.name = name
    read = { try readers.map { try $0() } }
  }

  /// `traits` are read from an instance made without options, which not every type allows.
  private static func readers<Product>(
    _ registry: Registry<Product>,
    traits: (@Sendable (Product) -> [Settings.Entry])? = nil
  ) -> [Item.Reader] {
    registry.entries.map { entry in
      {
        Item(
          name: entry.name, summary: entry.summary, source: entry.source,
          traits: try traits?(registry.make(Selection(entry.name), at: entry.name)) ?? [],
          options: try entry.defaults())
      }
    }
  }

  public static let all: [Catalogue] = [
    Catalogue("tasks", readers(visionTasks)),
    Catalogue(
      "losses",
      readers(segmentationLosses) + readers(classificationLosses) + readers(boxLosses)
        + readers(depthLosses) + readers(normalsLosses) + readers(imageLosses)),
    Catalogue(
      "weightings",
      readers(weightings) { weighting in
        [
          .init("needs", .string(weighting.rule.name)),
          .init("scale", .string(type(of: weighting).scale.rawValue)),
        ]
      }),
    Catalogue("augmentations", readers(augmentations)), Catalogue("datasets", readers(datasets)),
    Catalogue("backbones", readers(backbones)), Catalogue("optimizers", readers(optimizers)),
    Catalogue("schedules", readers(schedules)), Catalogue("ops", readers(preprocessingOps)),
  ]

  public func items() throws -> [Item] { try read() }

  /// The name and summary, then the source, then every option with its default.
  public func text() throws -> String {
    let items = try items()
    let width = items.map(\.name.count).max() ?? 0
    let indent = String(repeating: " ", count: width + 2)
    return items.map { item in
      let name = item.name.padded(to: width)
      return "\(name)  \(item.summary)\n"
        + (item.source == "–" ? "" : "\(indent)\(item.source)\n")
        + (item.traits.isEmpty ? "" : "\(indent)\(Self.line(item.traits))\n")
        + (item.options.isEmpty ? "" : "\(indent)\(Self.line(item.options))\n")
    }.joined()
  }

  private static func line(_ entries: [Settings.Entry]) -> String {
    entries.map { "\($0.key)=\(JSON($0.value).compact)" }.joined(separator: " ")
  }

  /// The items under the catalogue's name: `{"weightings":[…]}`.
  public func json() throws -> JSON {
    let items = try items().map { item in
      JSON.object(
        [
          JSON.Member("name", .string(item.name)), JSON.Member("summary", .string(item.summary)),
          JSON.Member("source", .string(item.source)),
        ] + item.traits.map { JSON.Member($0.key, JSON($0.value)) } + [
          JSON.Member("options", JSON(.map(item.options)))
        ])
    }
    return .object([JSON.Member(name, .array(items))])
  }
}

extension String {
  /// The text padded with blanks on the right, or on the left, to `width` characters.
  func padded(to width: Int, right: Bool = false) -> String {
    let blanks = String(repeating: " ", count: max(0, width - count))
    return right ? blanks + self : self + blanks
  }
}
