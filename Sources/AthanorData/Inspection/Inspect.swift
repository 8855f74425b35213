import AthanorCore
import AthanorVision
import Synchronization

/// Reads every sample once, on all CPUs, and counts its labels.
///
/// - `strict`: Whether to stop at the first sample that cannot be read; otherwise all are listed.
/// - `progress`: May be called from any thread.
///
/// Errors: throws `ContentError` where nothing could be read; with `strict`, a sample's own error.
public func inspect(
  _ source: any DataSource, strict: Bool = false, progress: ProgressHandler? = nil
) throws -> DataReport {
  try DataInspection(of: source, strict: strict, progress: progress).report
}

/// A data set that has been read once from end to end: a few numbers per sample, and their sums.
public struct DataInspection: Sendable {
  /// One split.
  public struct Part: Sendable {
    public let split: Split
    public let dataset: any Dataset
    /// By sample; nil for those that could not be read.
    public fileprivate(set) var facts: [SampleFacts?] = []
    /// Why samples could not be read, by index.
    public fileprivate(set) var problems: [(index: Int, problem: String)] = []
    public fileprivate(set) var counts: SplitCounts

    /// A sample as the report refers to it.
    public func reference(_ index: Int) -> DataReport.SampleReference {
      .init(split: split.rawValue, name: dataset.name(at: index))
    }

    /// The name of a sample's image, with its extension where it is a file.
    func label(_ index: Int) -> String {
      let name = dataset.name(at: index)
      guard let kind = dataset.file(at: index).map(FileName.kind(of:)), !kind.isEmpty,
        !name.lowercased().hasSuffix(".\(kind)")
      else { return name }
      return "\(name).\(kind)"
    }
  }

  public let classes: DataClasses
  public let parts: [Part]
  public let report: DataReport

  /// Reads every sample of every split: see `inspect`.
  public init(
    of source: any DataSource, strict: Bool = false, progress: ProgressHandler? = nil
  ) throws {
    let opened = try source.openAll()
    let classes = opened.first?.dataset.classes ?? DataClasses(masks: [], boxes: [])
    let counter = ProgressCounter(total: opened.reduce(0) { $0 + $1.dataset.count }, progress)
    let parts = try opened.map { try Part($0.split, $0.dataset, strict: strict, counter) }
    (self.classes, self.parts) = (classes, parts)
    report = DataReport(of: parts, classes)
    guard parts.contains(where: { $0.counts.samples > 0 }) else {
      throw Self.nothingReadable(source, report.damaged)
    }
  }

  /// The error of a data set of which no sample can be read; the first problems are listed.
  private static func nothingReadable(
    _ source: any DataSource, _ damaged: [DataReport.Damaged]
  ) -> ContentError {
    let shown = damaged.prefix(20).map { "\n  \($0.split) \($0.name): \($0.problem)" }
    let more = damaged.count > shown.count ? "\n  … and \(damaged.count - shown.count) more" : ""
    return ContentError(
      path: source.folders?.joined(separator: ", ") ?? "(data set)",
      expected: "samples that can be read",
      received: damaged.isEmpty
        ? "none" : "\(damaged.count) that cannot:\(shown.joined())\(more)")
  }
}

extension DataInspection.Part {
  /// Samples that are read at a time: a strict inspection stops after the first failed batch.
  private static let block = 256

  fileprivate init(
    _ split: Split, _ dataset: any Dataset, strict: Bool, _ counter: ProgressCounter
  ) throws {
    (self.split, self.dataset) = (split, dataset)
    let counts = Mutex(SplitCounts(dataset.classes))
    facts.reserveCapacity(dataset.count)
    for start in stride(from: 0, to: dataset.count, by: Self.block) {
      let indices = Array(start..<min(start + Self.block, dataset.count))
      let read = try concurrently(indices) { index in
        defer { counter.advance() }
        let result = Result { try SampleTally(dataset, index) }
        if strict { _ = try result.get() }
        if case .success(let tally) = result { counts.withLock { $0.add(tally) } }
        return result.map(\.facts).mapError { Problem(text: "\($0)") }
      }
      for (index, result) in zip(indices, read) {
        facts.append(try? result.get())
        if case .failure(let problem) = result { problems.append((index, problem.text)) }
      }
    }
    self.counts = counts.withLock { $0 }
  }
}

/// The message of an error.
private struct Problem: Error { var text: String }
