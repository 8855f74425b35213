import AthanorCore
import AthanorVision

/// A surveyed data set: one class table, splits that do not overlap, samples checked as they are
/// read.
public struct SurveyedData: Sendable {
  let items: [Survey.Item]
  let table: ClassTable
  let warnings: WarningLog
  private let root: String
  private let names: [String]
  /// The items of each split, in the order of the survey.
  private let members: [Split: [Int]]
  /// Whether the data set itself defines the splits.
  private let isDivided: Bool
  private let image: (@Sendable (Int) throws -> Image)?
  private let reader: Survey.Reader

  /// Errors: throws `ContentError` where there is no image or no class table, `SettingsError` for
  /// an option out of range.
  init(
    _ survey: Survey, _ tree: DataTree, classes wanted: [String], _ division: SplitOptions,
    _ warnings: WarningLog
  ) throws {
    guard !survey.items.isEmpty else { throw noImages(in: tree) }
    items = survey.items
    root = tree.root
    self.warnings = warnings
    image = survey.image
    table = try ClassTable(survey.classes, wanted: wanted, warnings)
    reader = try survey.reader(table)
    tree.noteLeftOut(warnings)
    isDivided = survey.items.contains { $0.split != nil }
    let kept = Self.onceEach(survey.items, warnings)
    var members: [Split: [Int]] = [:]
    if isDivided {
      _ = try division.checked()
      for index in kept {
        let item = survey.items[index]
        guard let split = item.split else {
          warnings.note("image in no split left out", in: item.name)
          continue
        }
        members[split, default: []].append(index)
      }
    } else {
      let splits = try division.divide(kept.map { survey.items[$0].name })
      for (index, split) in zip(kept, splits) { members[split, default: []].append(index) }
    }
    self.members = members
    var names = survey.items.map(\.name)
    for (index, name) in zip(kept, Self.distinct(kept.map { survey.items[$0] })) {
      names[index] = name
    }
    self.names = names
  }

  /// The items without repeated images, so that no image is in two splits: it stays in the last of
  /// them.
  private static func onceEach(_ items: [Survey.Item], _ warnings: WarningLog) -> [Int] {
    var kept: [String: Int] = [:]
    let order = { (split: Split?) in split.flatMap(Split.allCases.firstIndex) ?? -1 }
    for (index, item) in items.enumerated() {
      guard let other = kept.updateValue(index, forKey: item.image) else { continue }
      let splits = [items[other].split, item.split].compactMap { $0 }
      guard splits.count == 2, splits[0] != splits[1] else {
        warnings.note("image listed twice, its last labels count", in: item.image)
        continue
      }
      if order(splits[0]) > order(splits[1]) { kept[item.image] = other }
      let last = items[kept[item.image]!].split!
      warnings.note("image in \(splits[0]) and \(splits[1]), kept in \(last)", in: item.name)
    }
    return kept.count == items.count ? Array(items.indices) : kept.values.sorted()
  }

  /// Unique names for all items: prefixed by the split where two splits have the same name, with
  /// the extension where names differ only in it.
  private static func distinct(_ items: [Survey.Item]) -> [String] {
    var names = items.map(\.name)
    for make: (Int) -> String in [
      { "\(items[$0].split.map { "\($0)" } ?? "all")/\(items[$0].name)" },
      { "\(names[$0]).\(FileName.kind(of: items[$0].image))" },
      { "\(names[$0])_\($0)" },
    ] {
      let counts = Dictionary(names.map { ($0, 1) }, uniquingKeysWith: +)
      guard counts.count < names.count else { return names }
      names = names.indices.map { counts[names[$0]]! > 1 ? make($0) : names[$0] }
    }
    return names
  }

  /// The splits with samples; with shares also train, even if it is empty.
  var splits: [Split] {
    Split.allCases.filter { members[$0] != nil || (!isDivided && $0 == .train) }
  }

  func dataset(_ split: Split) throws -> any Dataset {
    if members[split] == nil, isDivided {
      let there = splits.map(\.rawValue).joined(separator: " and ")
      throw ContentError(
        path: root, expected: "a split '\(split)' (a folder or a list of that name)",
        received: "none; there is \(there)")
    }
    return SurveyedDataset(data: self, members: members[split] ?? [])
  }

  fileprivate func name(_ item: Int) -> String { names[item] }

  /// The image's file; nil where the image is part of a file of another kind.
  fileprivate func file(_ item: Int) -> String? {
    let path = items[item].image
    return ImageKind.allExtensions.contains(FileName.kind(of: path)) ? path : nil
  }

  fileprivate func id(_ item: Int) -> COCOIdentifier { items[item].id ?? .text(names[item]) }

  fileprivate func sample(_ item: Int) throws -> Sample {
    let image = try self.image?(item) ?? Image(contentsOf: items[item].image, as: .color)
    let labels = try reader(item, image)
    return try Sample(name: names[item], image: image)
      .labelled(labels, table.classes, warnings)
  }
}

/// The error of a data set without any image, naming the kinds of files found that cannot be read.
func noImages(in tree: DataTree, _ folder: String = "") -> ContentError {
  let files = tree.files(in: folder)
  let others = Set(files.map { FileName.kind(of: $0) })
    .filter { ImageKind.knownButNotRead.contains($0) }.sorted()
  return ContentError(
    path: tree.path(folder), expected: "images (\(ImageKind.words))",
    received: files.isEmpty
      ? "an empty folder"
      : others.isEmpty
        ? "\(files.count) files of other kinds"
        : "images of kinds that are not read: .\(others.joined(separator: ", ."))")
}

private struct SurveyedDataset: Dataset {
  let data: SurveyedData
  let members: [Int]

  var classes: DataClasses { data.table.classes }
  var count: Int { members.count }
  var warnings: WarningLog { data.warnings }
  func name(at index: Int) -> String { data.name(members[index]) }
  func file(at index: Int) -> String? { data.file(members[index]) }
  func id(at index: Int) -> COCOIdentifier { data.id(members[index]) }
  func sample(at index: Int) throws -> Sample { try data.sample(members[index]) }
}
