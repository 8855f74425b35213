import AthanorCore
import AthanorVision

/// Several data sets as one: samples have the same labels as before, classes are joined by name.
///
/// Class lists are the union in order of appearance; masks and boxes are renumbered. A split holds
/// the samples of every member that has that split.
public struct MixSource: Registered, DataSource {
  public static let name = "mix"
  public static let summary =
    "several data sets joined, classes by name, missing labels kept missing"
  public static let source = "this project"

  public struct Options: Codable, Sendable, DefaultInitializable {
    /// The members, each with its own options.
    public var datasets: [Selection] = []

    public init() {}
  }

  let members: [any DataSource]

  public init(_ options: Options) throws {
    guard !options.datasets.isEmpty else {
      throw SettingsError(
        key: "datasets", expected: "at least one data set", received: "an empty list")
    }
    members = try options.datasets.enumerated().map {
      try datasets.make($1, at: "datasets[\($0)]")
    }
  }

  public init(_ members: [any DataSource]) { self.members = members }

  public var folders: [String]? {
    let each = members.map(\.folders)
    return each.contains(nil) ? nil : each.flatMap { $0! }
  }

  public func splits() throws -> [Split] {
    let all = try Set(members.flatMap { try $0.splits() })
    return Split.allCases.filter(all.contains)
  }

  public func open(_ split: Split) throws -> any Dataset {
    // Classes must be the same in every split: those of members without this split are included.
    let opened = try members.map { member in
      let splits = try member.splits()
      guard splits.contains(split) else {
        return (dataset: try member.open(splits.first ?? split), takesPart: false)
      }
      return (dataset: try member.open(split), takesPart: true)
    }
    guard opened.contains(where: \.takesPart) else { return try members[0].open(split) }
    return try MixedDataset(opened.map { ($0.dataset, $0.takesPart ? $0.dataset.count : 0) })
  }
}

extension LabelClasses {
  /// The label of one name in several data sets: classes are joined by name, in order of
  /// appearance.
  ///
  /// Errors: throws `ContentError` for labels of two kinds under one name, for maps of different
  /// numbers of channels, and for more classes of masks than a mask can have.
  fileprivate static func joining(_ labels: [LabelClasses], _ name: String) throws -> LabelClasses {
    let kind = labels[0].kind
    if let other = labels.first(where: { $0.kind != kind }) {
      throw ContentError(
        path: "datasets", expected: "labels '\(name)' of one kind",
        received: "\(kind.rawValue) and \(other.kind.rawValue)")
    }
    let channels = labels.compactMap(\.channels)
    if let other = channels.first(where: { $0 != channels[0] }) {
      throw ContentError(
        path: "datasets", expected: "maps '\(name)' with equally many numbers a pixel",
        received: "\(channels[0]) and \(other)")
    }
    var (names, palette) = ([String](), [UInt8]())
    var keys: Set<String> = []
    for label in labels {
      for (index, name) in label.names.enumerated() where keys.insert(ClassName.key(name)).inserted
      {
        names.append(name)
        if kind == .mask { palette += label.color(index) }
      }
    }
    guard kind != .mask || names.count < 255 else {
      throw ContentError(
        path: "datasets", expected: "254 classes of masks at the most",
        received: "\(names.count) in all")
    }
    // Members may have the same colour for different classes: colours are used only if distinct.
    let colors = Set(
      stride(from: 0, to: palette.count, by: 3).map { Array(palette[$0..<($0 + 3)]) })
    return LabelClasses(
      kind, names, palette: colors.count == names.count ? palette : nil, channels: channels.first)
  }
}

/// The samples of several data sets one after the other.
private struct MixedDataset: Dataset {
  private struct Part: Sendable {
    var dataset: any Dataset
    var start: Int
    var count: Int
    var mapping: ClassMapping
  }

  let classes: DataClasses
  let count: Int
  private let parts: [Part]

  /// Errors: throws `ContentError` for more classes of masks than a mask can have.
  init(_ members: [(dataset: any Dataset, count: Int)]) throws {
    var joined = DataClasses(labels: [:])
    for name in Set(members.flatMap(\.dataset.classes.labels.keys)).sorted() {
      joined.labels[name] = try .joining(
        members.compactMap { $0.dataset.classes.labels[name] }, name)
    }
    classes = joined
    var start = 0
    parts = members.map { dataset, count in
      defer { start += count }
      return Part(
        dataset: dataset, start: start, count: count,
        mapping: ClassMapping(from: dataset.classes, to: joined))
    }
    count = start
  }

  var warnings: WarningLog { WarningLog(joining: parts.map(\.dataset.warnings)) }

  private func part(of index: Int) -> Part {
    precondition((0..<count).contains(index), "MixedDataset: sample \(index) of \(count)")
    return parts.last { $0.start <= index && $0.count > 0 }!
  }

  func name(at index: Int) -> String {
    let part = part(of: index)
    return part.dataset.name(at: index - part.start)
  }

  func file(at index: Int) -> String? {
    let part = part(of: index)
    return part.dataset.file(at: index - part.start)
  }

  /// Members may have the same id for different images: ids are used only of a single member.
  func id(at index: Int) -> COCOIdentifier {
    let part = part(of: index)
    return part.count == count ? part.dataset.id(at: index - part.start) : .text(name(at: index))
  }

  func sample(at index: Int) throws -> Sample {
    let part = part(of: index)
    return part.mapping(try part.dataset.sample(at: index - part.start))
  }
}
