import AthanorCore
import AthanorMetrics
import Foundation

/// The comparison of training runs: which method, over seeds, on test.
///
/// Runs that differ in seed alone are one method. What is tuned is chosen for each method by the
/// mean score on val; test is measured once, for the chosen runs, at their best checkpoint on val.
public struct Report: Sendable {
  /// How a report is asked for.
  public struct Options: Sendable {
    /// Where it is written; nil: the ablation's own folder, or `report`.
    public var out: String?
    /// The method that paired differences are taken to; nil: what the ablation says, or equal
    /// fixed weights.
    public var baseline: String?
    /// Keys chosen on val, where the runs are no ablation's.
    public var tuned: [String] = []
    public var lastEpochs = 3

    public init() {}
  }

  let title: String
  let plan: ReportSource.Plan?
  let tuned: [String]
  let lastEpochs: Int
  var runs: [ReportRun]
  var methods: [Method]
  /// The index of the method that others are compared with.
  let baseline: Int?
  /// What a reader must know of the numbers: what was left out, and why.
  var notes: [String] = []

  /// Makes the report of an ablation's folder, or of run folders, and writes it: `report.html`,
  /// `report.md`, `results.csv`, `table.csv`. Chosen runs get `test.json` and pictures.
  ///
  /// Without a gnuplot there are no figures, and a note says so.
  ///
  /// - Parameter shouldStop: asked before each run is measured.
  ///
  /// Errors: throws `ReportError` where there are no runs, or none has finished; `FileError`;
  /// `CancellationError` when `shouldStop` turned true: what was measured is kept.
  @discardableResult
  public static func write(
    for paths: [String], _ options: Options = Options(), shouldStop: () -> Bool = { false }
  ) throws -> (report: Report, folder: String) {
    let source = try ReportSource(paths, lastEpochs: options.lastEpochs)
    var report = try Report(source, options)
    try report.evaluate(shouldStop: shouldStop)
    report.compareWithSingleTasks()
    let folder = options.out ?? source.folder
    try RunFolder.makeFolder(folder)
    let figures = report.drawFigures()
    try AtomicFile.write(report.results.csv, to: "\(folder)/results.csv")
    try AtomicFile.write(report.table.csv, to: "\(folder)/table.csv")
    try AtomicFile.write(report.markdown, to: "\(folder)/report.md")
    try AtomicFile.write(report.html(figures).markup, to: "\(folder)/report.html")
    return (report, folder)
  }

  init(_ source: ReportSource, _ options: Options = Options()) throws {
    plan = source.plan
    runs = source.runs
    tuned = source.plan?.tune ?? options.tuned
    lastEpochs = source.plan?.lastEpochs ?? options.lastEpochs
    methods = Method.group(runs, tuned: tuned)
    title = source.plan?.name ?? (runs.count == 1 ? runs[0].id : "\(runs.count) runs")
    guard runs.contains(where: \.isFinished) else {
      throw ReportError(
        path: source.plan == nil ? runs[0].path : source.folder, expected: "a finished run",
        received: runs.map { "\($0.id): \($0.reason ?? "")" }.prefix(3).joined(separator: "; "))
    }
    let usual = methods.firstIndex { $0.isEqualWeighting }
    if let asked = options.baseline {
      guard let index = methods.firstIndex(where: { $0.label == asked }) else {
        throw ReportError(
          path: "--baseline", expected: methods.map { "'\($0.label)'" }.joined(separator: " or "),
          received: "'\(asked)'")
      }
      baseline = index
    } else if let planned = source.plan?.baseline {
      baseline =
        methods.firstIndex { $0.label == planned }
        ?? methods.firstIndex { $0.label.hasPrefix("\(planned), ") } ?? usual
      if baseline.map({ !methods[$0].label.hasPrefix(planned) }) ?? true {
        notes.append("The baseline '\(planned)' is the label of no method here.")
      }
    } else {
      baseline = usual
    }
  }

  /// The methods that train every task, without those that only mark the front.
  var competing: [Int] { methods.indices.filter { methods[$0].role == .method } }

  /// Mean rank over the tasks among `competing`, by the means on test; a method without a number on
  /// a task is last there. Nil for the others, and where there is nothing to rank.
  var ranks: [Int: Double] {
    let competing = competing.filter { !methods[$0].runs.isEmpty }
    let metrics = Measure.headlines.map(\.metric).filter { metric in
      competing.contains { methods[$0].spread(metric) != nil }
    }
    guard competing.count > 1, !metrics.isEmpty else { return [:] }
    let ranks = MeanRank.ranks(
      of: competing.map { i in metrics.map { methods[i].spread($0)?.mean ?? .nan } },
      lowerIsBetter: metrics.map(\.lowerIsBetter))
    return Dictionary(zip(competing, ranks)) { $1 }
  }

  /// The task on which a method changed worst against the task alone, by the means over seeds.
  func worstTask(_ method: Method) -> (task: String, change: Double)? {
    Measure.headlines.compactMap { headline in
      method.tasks.count < 2
        ? nil : method.spread(headline.change).map { (headline.task.rawValue, $0.mean) }
    }.min { $0.1 < $1.1 }
  }

  /// Paired differences of a method to the baseline; nil for the baseline and for single tasks.
  func difference(_ index: Int, _ measure: Measure) -> PairedDifference? {
    guard let baseline, index != baseline, methods[index].role != .single,
      methods[index].tasks == methods[baseline].tasks
    else { return nil }
    return PairedDifference(
      methods[index].values(measure), minus: methods[baseline].values(measure))
  }
}
