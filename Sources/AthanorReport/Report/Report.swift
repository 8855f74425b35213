import AthanorCore
import AthanorExperiment
import AthanorMetrics
import Foundation

/// A comparison of training runs: methods, over seeds, on test.
///
/// Runs that differ only in their seed are one method. Tuned values are chosen for each method by
/// the mean score on val; test is measured once, for the chosen runs, at their best checkpoint on
/// val.
public struct Report: Sendable {
  /// The options of a report.
  public struct Options: Sendable {
    /// The folder that it is written to; nil: the ablation's own folder, or `report`.
    public var out: String?
    /// The method that paired differences are taken against; nil: the baseline of the ablation, or
    /// equal fixed weights.
    public var baseline: String?
    /// Keys whose values are chosen on val; empty: those of the ablation.
    public var tuned: [String] = []
    /// The number of last epochs whose mean on val is shown; nil: the ablation's number, or 3.
    public var lastEpochs: Int?
    /// Whether chosen runs without a test result are measured on test.
    public var measures = true
    /// Whether files that athanor did not write are overwritten.
    public var force = false

    public init() {}
  }

  let title: String
  let plan: ReportSource.Plan?
  /// The ablation's folder.
  let folder: String
  let tuned: [String]
  let lastEpochs: Int
  var runs: [ReportRun]
  var methods: [Method]
  /// The index of the method that others are compared with.
  let baseline: Int?
  /// What readers of the numbers must know: what was left out, and why.
  var notes: [String] = []

  /// Makes the report of an ablation's folder, or of run folders, and writes it: `report.html`,
  /// `report.md` with `figures/`, `report.tex`, `results.csv`, `table.csv` and `table_narrow.csv`.
  /// Chosen runs get `test.json` and pictures.
  ///
  /// Without gnuplot there are no figures, and a note says so.
  ///
  /// - `shouldStop`: Called before each run is measured.
  ///
  /// Errors: throws `ContentError` where there are no runs; `FileError`; `CancellationError` when
  /// `shouldStop` returned true; results measured until then are kept.
  @discardableResult
  public static func write(
    for paths: [String], _ options: Options = Options(), shouldStop: () -> Bool = { false }
  ) throws -> (report: Report, folder: String) {
    let source = try ReportSource(paths, lastEpochs: options.lastEpochs)
    var report = try Report(source, options)
    try report.evaluate(measuring: options.measures, shouldStop: shouldStop)
    report.compareWithSingleTasks()
    let folder = options.out ?? source.folder
    let figures = report.drawFigures()
    let texts = [
      ("results.csv", report.results.csv), ("table.csv", report.table.csv),
      ("table_narrow.csv", report.narrowTable.csv), ("report.tex", report.latex),
      ("report.md", report.markdown(figures)), ("report.html", report.html(figures).markup),
    ]
    // The folder of an ablation was written by athanor.
    let isAblation = FileManager.default.fileExists(atPath: "\(folder)/ablation.json")
    var outputs = OutputFiles(inputs: [], force: options.force)
    try outputs.claim(
      texts.map(\.0) + figures.all.map(\.file), in: folder, owned: { _ in isAblation })
    try figures.write(to: folder)
    for (name, text) in texts { try AtomicFile.write(text, to: "\(folder)/\(name)") }
    return (report, folder)
  }

  init(_ source: ReportSource, _ options: Options = Options()) throws {
    plan = source.plan
    folder = source.folder
    lastEpochs = source.lastEpochs
    let (runs, counted) = source.runs.withoutRepeats()
    title = source.plan?.name ?? (runs.count == 1 ? runs[0].id : "\(runs.count) runs")
    tuned = options.tuned.isEmpty ? source.plan?.tune ?? [] : options.tuned
    let methods = Method.group(
      counted, tuned: tuned, keepsLabels: options.tuned.isEmpty, isPlanned: plan != nil)
    (self.runs, self.methods) = (runs, methods)
    let compared = methods.indices.filter { methods[$0].role != .single }
    let labels = compared.map { methods[$0].label }
    let named = (options.baseline ?? source.plan?.baseline).map { name in
      let place =
        MethodLabels.index(of: name, in: labels)
        ?? MethodLabels.index(of: name, in: compared.map { methods[$0].settings })
      return (name, place.map { compared[$0] })
    }
    if let asked = options.baseline, named?.1 == nil {
      throw SettingsError(
        key: "baseline",
        expected: labels.isEmpty
          ? "runs to compare" : labels.map { "'\($0)'" }.joined(separator: " or "),
        received: "'\(asked)'")
    }
    baseline = named?.1 ?? methods.firstIndex { $0.isEqualWeighting }
    if case (let name, nil)? = named {
      notes.append("The baseline '\(name)' is the label of no method here.")
    }
    let conditions = Set(methods.compactMap(\.conditions))
    if conditions.count > 1 {
      let aspects = RunConditions.differences(among: Array(conditions)).map(\.rawValue)
      notes.append(
        "Not all runs can be compared: they differ in \(aspects.joined(separator: ", ")). Means, "
          + "ranks, best values, differences and Δm are taken only among runs that agree there.")
    }
  }

  /// Whether there is a result.
  var hasResults: Bool { methods.contains { !$0.runs.isEmpty } }

  /// The methods that are compared, without those that are only points of the front.
  var competing: [Int] { methods.indices.filter { methods[$0].role == .method } }

  /// The methods grouped by the conditions of their runs.
  var comparable: [[Int]] {
    var groups: [(conditions: RunConditions?, methods: [Int])] = []
    for index in methods.indices {
      let conditions = methods[index].conditions
      if let place = groups.firstIndex(where: { $0.conditions == conditions }) {
        groups[place].methods.append(index)
      } else {
        groups.append((conditions, [index]))
      }
    }
    return groups.map(\.methods)
  }

  /// The mean rank over the tasks among the `competing` methods under the same conditions, by the
  /// means on test; a method without a number for a task ranks last there. The other methods have
  /// no entry; nor has any where there is nothing to rank.
  var ranks: [Int: Double] {
    comparable.map(ranks(among:)).reduce(into: [:]) { $0.merge($1) { $1 } }
  }

  private func ranks(among group: [Int]) -> [Int: Double] {
    let competing = competing.filter { group.contains($0) && !methods[$0].runs.isEmpty }
    let metrics = taskMeasures.map(\.headline).filter { metric in
      competing.contains { methods[$0].spread(metric) != nil }
    }
    guard competing.count > 1, !metrics.isEmpty else { return [:] }
    let ranks = MeanRank.ranks(
      of: competing.map { i in metrics.map { methods[i].spread($0)?.mean ?? .nan } },
      lowerIsBetter: metrics.map(\.lowerIsBetter))
    return Dictionary(zip(competing, ranks)) { $1 }
  }

  /// The task with the worst change against the task trained alone, by the means over seeds.
  func worstTask(_ method: Method) -> (task: String, change: Double)? {
    taskMeasures.compactMap { measures in
      method.tasks.count < 2
        ? nil : method.spread(measures.change).map { (measures.task.name, $0.mean) }
    }.min { $0.1 < $1.1 }
  }

  /// The paired difference of a method from the baseline; nil for the baseline and for single
  /// tasks.
  func difference(_ index: Int, _ measure: Measure) -> PairedDifference? {
    guard let baseline, index != baseline, methods[index].role != .single,
      methods[index].tasks == methods[baseline].tasks,
      methods[index].conditions == methods[baseline].conditions
    else { return nil }
    return PairedDifference(
      methods[index].values(measure), minus: methods[baseline].values(measure))
  }
}
