import AthanorCore
import AthanorVision

/// Labels that can be written on their own.
public enum LabelKind: String, CaseIterable, Codable, Sendable {
  case masks, boxes
}

/// How a data set is written.
public struct WriteOptions: Sendable {
  public var form: any DatasetWriter.Type
  /// The labels that are written; nil: all.
  public var labels: Set<LabelKind>?

  public init(_ form: any DatasetWriter.Type = VOCWriter.self, labels: Set<LabelKind>? = nil) {
    (self.form, self.labels) = (form, labels)
  }
}

/// The parts of a data set that were written.
public struct WriteSummary: Codable, Equatable, Sendable {
  /// Samples by split.
  public var samples: [String: Int] = [:]
  public var classes: [String] = []
  public var warnings: [DataWarning] = []
}

/// Writes any data set to a new folder with its splits, names and labels, its images byte for byte
/// where they are files, otherwise as PNG.
///
/// Errors: throws `ContentError` for names that occur twice or would leave the folder and for
/// labels that the format cannot represent, `FileError`. The folder is then unchanged. `kind` names
/// the tool: what the same tool wrote there before is replaced.
///
/// - `change`: Returns the changed sample with its labels; nil for an unchanged one.
public func convertDataset(
  _ source: any DataSource, to folder: String, _ options: WriteOptions = WriteOptions(),
  kind: String = "data convert", progress: ProgressHandler? = nil,
  change: @Sendable (Sample) throws -> Sample? = { _ in nil }
) throws -> WriteSummary {
  try OutputFolder.refuse(folder, over: source.folders ?? [])
  return try write(
    source.openAll().map { DatasetPart($0.split, $0.dataset) }, to: folder, options,
    kind: kind, progress, change: change)
}

/// The samples for one split, from some data sets.
struct DatasetPart: Sendable {
  var split: Split
  var members: [(dataset: Int, index: Int)]
  var datasets: [any Dataset]

  init(split: Split, members: [(dataset: Int, index: Int)], _ datasets: [any Dataset]) {
    (self.split, self.members, self.datasets) = (split, members, datasets)
  }

  /// A whole data set as a split.
  init(_ split: Split, _ dataset: any Dataset) {
    self.init(split: split, members: (0..<dataset.count).map { (0, $0) }, [dataset])
  }
}

/// Writes samples, on all CPUs. `kind` names the tool; see `OutputFolder`.
func write(
  _ parts: [DatasetPart], to folder: String, _ options: WriteOptions, kind: String,
  _ progress: ProgressHandler?, change: @Sendable (Sample) throws -> Sample? = { _ in nil }
) throws -> WriteSummary {
  guard let first = parts.first?.datasets.first else {
    throw ContentError(path: folder, expected: "samples to write", received: "none")
  }
  let members = parts.flatMap { part in
    part.members.map { (split: part.split, dataset: part.datasets[$0.dataset], index: $0.index) }
  }
  try checkNames(members.map { $0.dataset.name(at: $0.index) }, folder)
  let classes = first.classes.keeping(options.labels)
  let splits = Split.allCases.filter { split in members.contains { $0.split == split } }
  let form = options.form
  let warnings = WarningLog()
  let ids = ownIDs(members.map { $0.dataset.id(at: $0.index) })
  let counter = ProgressCounter(total: members.count, progress)
  let output = try OutputFolder(folder, kind: kind)
  do {
    let writer = try form.init(output.work, classes, splits)
    _ = try concurrently(Array(members.indices)) { number in
      let (split, dataset, index) = members[number]
      let sample = try dataset.sample(at: index).keeping(options.labels)
      let usual: [Label.Kind] = [.mask, .boxes]
      let others = Set(sample.labels.keys).subtracting(usual.map(\.usualName)).sorted()
      guard others.isEmpty else {
        throw ContentError(
          path: sample.name, expected: "labels that \(form.name) holds: masks and boxes",
          received: "\(others.joined(separator: " and ")) as well (--labels masks,boxes leaves "
            + "\(others.count == 1 ? "it" : "them") out)")
      }
      let crowds = sample.annotations?.count(where: \.isCrowd) ?? 0
      let changed = try change(sample)
      if changed != nil || !form.keepsCrowds {
        warnings.note(
          changed == nil
            ? "crowd region written without its mark"
            : "crowd region left out: its box does not change with the image", in: sample.name,
          count: crowds)
      }
      var outgoing = OutgoingSample(
        changed ?? sample, split, number: number,
        file: changed == nil ? dataset.file(at: index) : nil)
      if let ids { outgoing.imageID = ids[number] }
      try writer.write(outgoing)
      counter.advance()
    }
    try writer.finish()
    try output.finish()
  } catch {
    output.abandon()
    throw error
  }
  var summary = WriteSummary()
  for split in splits { summary.samples["\(split)"] = members.count { $0.split == split } }
  summary.classes = classes.boxes.isEmpty ? classes.masks : classes.boxes
  let datasets = parts.flatMap(\.datasets)
  summary.warnings = WarningLog(joining: datasets.map(\.warnings) + [warnings]).all
  return summary
}

/// The images' own ids, where all are numbers and no two are equal.
private func ownIDs(_ ids: [COCOIdentifier]) -> [Int]? {
  let numbers = ids.compactMap { id in if case .number(let number) = id { number } else { nil } }
  return numbers.count == ids.count && Set(numbers).count == ids.count ? numbers : nil
}

/// Errors: throws `ContentError` for names that occur twice, would leave the folder or cannot be
/// listed.
private func checkNames(_ names: [String], _ folder: String) throws {
  var seen: Set<String> = []
  for name in names {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    let isPath = parts.allSatisfy { part in
      !part.isEmpty && !DataTree.isSideFile(part)
        && part.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 }
    }
    guard isPath, seen.insert(name).inserted else {
      throw ContentError(
        path: folder, expected: "samples of different names, each a path inside the folder",
        received: "'\(name)'" + (isPath ? " twice" : ""))
    }
  }
}

extension DataClasses {
  fileprivate func keeping(_ labels: Set<LabelKind>?) -> DataClasses {
    guard let labels, labels != Set(LabelKind.allCases) else { return self }
    return labels.contains(.masks)
      ? DataClasses(masks: masks, boxes: [], palette: palette)
      : DataClasses(masks: [], boxes: boxes, categoryIDs: categoryIDs)
  }
}

extension Sample {
  fileprivate func keeping(_ labels: Set<LabelKind>?) -> Sample {
    guard let labels else { return self }
    var kept = keeping([Label.Kind.mask.usualName, Label.Kind.boxes.usualName])
    if !labels.contains(.masks) {
      kept.mask = nil
      for i in (kept.annotations ?? []).indices { kept.annotations![i].outlines = [] }
    }
    if !labels.contains(.boxes) { (kept.boxes, kept.annotations) = (nil, nil) }
    return kept
  }
}
