import AthanorCore
import AthanorExperiment
import AthanorMetrics

extension Report {
  /// The number that identifies a method in figures.
  private func number(_ index: Int) -> ReportTable.Cell { .init(index + 1) }

  private func seeds(_ method: Method) -> ReportTable.Cell {
    let planned = method.chosen?.runs.count ?? method.candidates[0].runs.count
    let finished = method.runs.count
    return .init(
      text: finished == planned ? "\(finished)" : "\(finished) of \(planned)",
      value: Double(finished))
  }

  private static let leading = [
    ReportTable.Column(title: "#"), .init(title: "method", isNumeric: false), .init(title: "seeds"),
  ]

  /// The methods with the best mean of a measure under the same conditions, among those with
  /// several tasks, or among all where no method has several.
  private func best(_ measure: Measure) -> Set<Int> {
    let several = methods.contains { $0.tasks.count > 1 }
    let best = comparable.flatMap { group -> [Int] in
      let values = group.filter { !several || methods[$0].tasks.count > 1 }
        .compactMap { index in methods[index].spread(measure).map { (index, $0.mean) } }
      let means = values.map(\.1)
      let best = measure.lowerIsBetter ? means.min() : means.max()
      return values.count > 1 ? values.filter { $0.1 == best }.map(\.0) : []
    }
    return Set(best)
  }

  /// The main result: every method on test.
  var resultTable: ReportTable {
    let test = taskMeasures.flatMap(\.test)
    let (qualities, costs) = (test + [.deltaM], Measure.costs)
    let groups = test.map { _ in "test" } + [""]
    var table = ReportTable(
      caption: "Mean ± standard deviation over seeds, on test, at the epoch that was best on val; "
        + "best means in bold. \(DeltaM.variant), the means of the single tasks taken as they are. "
        + "Ranks are means over the tasks, among the methods that are no mere points of the front. "
        + "Worst task: the one whose mean change against the task alone is lowest.",
      columns: Self.leading
        + zip(qualities, groups).map { .init(title: $0.title, group: $1) }
        + [.init(title: "mean rank"), .init(title: "worst task", isNumeric: false)]
        + costs.map { .init(title: $0.title, group: "cost") })
    let ranks = ranks
    let strongest = Dictionary(uniqueKeysWithValues: qualities.map { ($0, best($0)) })
    for (index, method) in methods.enumerated() {
      let count = method.runs.count
      let worst = worstTask(method).map { worst in
        ReportTable.Cell(
          text: "\(worst.task) \(ReportTable.Cell.number(worst.change, 1, isSigned: true))\u{A0}%",
          value: worst.change)
      }
      let rank = ranks[index].map { ReportTable.Cell(text: fixed($0, 1), value: $0) }
      table.rows.append(
        [number(index), .init(method.label), seeds(method)]
          + qualities.map {
            .init(
              method.spread($0), $0.decimals, expected: count,
              isStrong: strongest[$0]!.contains(index))
          } + [rank ?? .empty, worst ?? .empty]
          + costs.map { .init(method.spread($0), $0.decimals, expected: count) })
    }
    return table.compact
  }

  /// Every method against the baseline, seed by seed; nil without a baseline or without another
  /// method.
  var differenceTable: ReportTable? {
    guard let baseline else { return nil }
    var table = ReportTable(
      caption: "Differences to '\(methods[baseline].label)' on the same seeds: mean with its 95 % "
        + "t interval, in bold where it excludes 0; fewer than "
        + "\(PairedDifference.fewestSeeds) seeds decide nothing. Each interval is for one "
        + "comparison: of twenty "
        + "without a difference one excludes 0.",
      columns: [.init(title: "#"), .init(title: "method", isNumeric: false), .init(title: "pairs")]
        + paired.map { .init(title: $0.title, group: "difference") })
    for (index, method) in methods.enumerated() {
      let differences = paired.map { difference(index, $0) }
      guard let pairs = differences.compactMap({ $0?.count }).max() else { continue }
      table.rows.append(
        [number(index), .init(method.label), .init(pairs)]
          + zip(differences, paired).map { .init($0, $1.decimals, expected: pairs) })
    }
    return table.rows.isEmpty ? nil : table.compact
  }

  /// Validation: the best epoch beside the mean of the last ones.
  var validationTable: ReportTable {
    let groups: [(String, [Measure])] = [
      ("best epoch", [.score] + taskMeasures.map(\.best)),
      ("last \(lastEpochs) epochs", taskMeasures.map(\.last)),
    ]
    var table = ReportTable(
      caption: "Mean ± standard deviation over seeds, on val. The best epoch is the one of the "
        + "highest score, and so is optimistic; the mean of the last \(lastEpochs) evaluated "
        + "epochs is not chosen.",
      columns: Self.leading + [.init(title: "tuned on val", isNumeric: false)]
        + groups.flatMap { group, measures in
          measures.map { .init(title: $0.title, group: group) }
        })
    for (index, method) in methods.enumerated() {
      table.rows.append(
        [number(index), .init(method.label), seeds(method), .init(method.chosen?.words ?? "–")]
          + groups.flatMap(\.1).map {
            .init(method.spread($0), $0.decimals, expected: method.runs.count)
          })
    }
    return table.compact
  }

  /// The candidates that were tried for each method; nil where nothing is tuned.
  var candidateTable: ReportTable? {
    guard methods.contains(where: { $0.candidates.count > 1 }) else { return nil }
    var table = ReportTable(
      caption: "Every setting that was tried, by its mean score on val; the chosen one in bold. A "
        + "setting that lost runs is chosen only where all did.",
      columns: Self.leading + [
        .init(title: "tuned on val", isNumeric: false), .init(title: "score", group: "best epoch"),
      ])
    for (index, method) in methods.enumerated() {
      for (place, candidate) in method.candidates.enumerated() {
        let count = candidate.finished.count
        table.rows.append([
          number(index), .init(method.label),
          .init(
            text: count == candidate.runs.count
              ? "\(count)" : "\(count) of \(candidate.runs.count)",
            value: Double(count)),
          .init(text: candidate.words, isStrong: place == method.chosenIndex),
          .init(candidate.score, 3, expected: count),
        ])
      }
    }
    return table
  }

  /// Every run with its status.
  var runTable: ReportTable {
    let tasks = taskMeasures
    let measures = tasks.map(\.headline) + [.deltaM] + tasks.map(\.best)
    let groups = tasks.map { _ in "test" } + [""] + tasks.map { _ in "val, best epoch" }
    var table = ReportTable(
      caption: "Every run. Test is measured for chosen runs only.",
      columns: [
        .init(title: "run", isNumeric: false), .init(title: "seed"),
        .init(title: "status", isNumeric: false), .init(title: "reason", isNumeric: false),
        .init(title: "best epoch"),
      ] + zip(measures, groups).map { .init(title: $0.title, group: $1) })
    for run in runs {
      table.rows.append(
        [
          .init(run.id), run.seed.map { .init($0) } ?? .empty,
          .init(text: run.status.rawValue, isStrong: !run.isFinished),
          .init(run.reason ?? "–"), run.bestEpoch.map { .init($0) } ?? .empty,
        ]
          + measures.map { measure in
            run.values[measure].map {
              .init(text: ReportTable.Cell.number($0, measure.decimals), value: $0)
            }
              ?? .empty
          })
    }
    return table.compact
  }

  /// The keys in which the methods' configurations differ; nil for a single method.
  var configTable: ReportTable? {
    let keys = ConfigKeys.differences(
      among: methods.map(\.keys), ignoring: ["seed", "name", "threads"] + tuned)
    guard !keys.isEmpty else { return nil }
    var table = ReportTable(
      caption: "The resolved configurations where they differ; everything else is the same.",
      columns: [.init(title: "#"), .init(title: "method", isNumeric: false)]
        + keys.map { .init(title: $0, isNumeric: false) })
    for (index, method) in methods.enumerated() {
      table.rows.append(
        [number(index), .init(method.label)] + keys.map { .init(method.keys.values[$0] ?? "–") })
    }
    return table
  }

  /// A summary in one sentence: methods, runs, and how many runs are missing and why.
  var overview: String {
    let others: [ReportRun.Status] = [.failed, .stopped, .unfinished, .missing, .repeated]
    let lost = others.compactMap { status in
      let count = runs.count { $0.status == status }
      return count == 0 ? nil : "\(count) \(status == .missing ? "not started" : status.rawValue)"
    }
    let seeds = Set(runs.compactMap(\.seed)).count
    let finished = runs.count(where: \.isFinished)
    return "\(methods.count) method\(methods.count == 1 ? "" : "s"), "
      + "\(seeds) seed\(seeds == 1 ? "" : "s"), \(runs.count) run\(runs.count == 1 ? "" : "s"): "
      + (["\(finished) finished"] + lost).joined(separator: ", ") + "."
  }

  /// Remarks: what is not finished yet, the notes, the first of the runs that do not count, and the
  /// conclusions that the number of seeds allows.
  var remarks: [String] {
    let single = methods.contains { $0.runs.count == 1 }
    let counts = competing.map { methods[$0].runs.count }.filter { $0 > 0 }
    let fewest =
      counts.count > 1
      ? counts.min().flatMap {
        $0 < PairedDifference.fewestSeeds ? $0 : nil
      } : nil
    let lost = runs.filter { !$0.isFinished }
    let open = runs.count { [.stopped, .unfinished, .missing].contains($0.status) }
    let shown = 6
    return
      (plan != nil && open > 0
      ? ["A partial report: \(open) of \(runs.count) runs are still to be trained."] : [])
      + notes
      + lost.prefix(shown).map { "\($0.id): \($0.reason ?? $0.status.rawValue)" }
      + (lost.count > shown ? ["\(lost.count - shown) more runs do not count: see Runs."] : [])
      + (single
        ? ["A method with one finished run has no standard deviation and no interval."] : [])
      + (fewest.map {
        ["\($0) seed\($0 == 1 ? "" : "s"): too few to decide which method is better."]
      } ?? [])
  }
}
