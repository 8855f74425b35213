import AthanorCore
import AthanorExperiment

extension SegmentationLosses {
  /// The runs of one loss.
  struct Group {
    var loss: String
    var runs: [Run]

    /// Mean and standard deviation (n − 1) over the seeds.
    func statistics(_ value: (Run) -> Double) -> (mean: Double, deviation: Double) {
      let values = runs.map(value)
      let mean = values.reduce(0, +) / Double(values.count)
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return (mean, values.count > 1 ? (squares / Double(values.count - 1)).squareRoot() : 0)
    }
  }

  static let measures: [(name: String, value: @Sendable (Run) -> Double)] = [
    ("mIoU", { $0.mIoU }), ("rare IoU", { $0.rareIoU }), ("small IoU", { $0.smallIoU }),
  ]

  /// The runs grouped by loss, the best mIoU first.
  static func groups(_ runs: [Run]) -> [Group] {
    var groups: [Group] = []
    for run in runs {
      if let i = groups.firstIndex(where: { $0.loss == run.loss }) {
        groups[i].runs.append(run)
      } else {
        groups.append(Group(loss: run.loss, runs: [run]))
      }
    }
    return groups.sorted {
      $0.statistics { $0.mIoU }.mean > $1.statistics { $0.mIoU }.mean
    }
  }

  /// Writes `results.csv` (one row per run) and `losses.png` into a folder.
  public static func write(_ runs: [Run], to folder: String, force: Bool = false) throws {
    var outputs = OutputFiles(inputs: [], force: force)
    try outputs.claim(["results.csv", "losses.png"], in: folder)
    let rows = runs.map {
      "\($0.loss),\($0.seed),\($0.mIoU),\($0.rareIoU),\($0.smallIoU),\($0.trainingSeconds)\n"
    }
    try AtomicFile.write(
      "loss,seed,mIoU,rareIoU,smallIoU,trainingSeconds\n" + rows.joined(),
      to: "\(folder)/results.csv")
    let height = 160 + 30 * groups(runs).count
    try Gnuplot(width: 1000, height: height).draw(figure(runs), to: "\(folder)/losses.png")
  }

  /// Mean ± standard deviation over the seeds, as a Markdown table.
  public static func markdown(_ runs: [Run]) -> String {
    var text = "| loss | seeds | " + measures.map(\.name).joined(separator: " | ")
    text += " | s a run |\n|---|---|" + String(repeating: "---|", count: measures.count) + "---|\n"
    for group in groups(runs) {
      let cells = measures.map { measure in
        let (mean, deviation) = group.statistics(measure.value)
        return "\(fixed(mean, 3)) ± \(fixed(deviation, 3))"
      }
      let seconds = group.statistics { $0.trainingSeconds }.mean
      text +=
        "| \(group.loss) | \(group.runs.count) | " + cells.joined(separator: " | ")
        + " | \(fixed(seconds, 0)) |\n"
    }
    return text
  }

  public static func json(_ runs: [Run]) -> JSON {
    let runs = runs.map { run -> JSON in
      [
        "loss": .string(run.loss), "seed": .integer(run.seed), "mIoU": .number(run.mIoU),
        "rareIoU": .number(run.rareIoU), "smallIoU": .number(run.smallIoU),
        "trainingSeconds": .number(run.trainingSeconds),
      ]
    }
    return ["runs": .array(runs)]
  }

  /// One row per loss, one mark per measure, with the standard deviation as a bar.
  static func figure(_ runs: [Run]) -> String {
    let groups = groups(runs)
    var (script, plots) = ("", [String]())
    for (k, measure) in measures.enumerated() {
      script += "$measure\(k) << EOD\n"
      for (i, group) in groups.enumerated() {
        let (mean, deviation) = group.statistics(measure.value)
        script += "\(mean) \(Double(groups.count - i) - 0.15 * Double(k - 1)) \(deviation)\n"
      }
      script += "EOD\n"
      plots.append(
        "$measure\(k) using 1:2:3 with xerrorbars pointtype \(5 + 2 * k) linewidth 1.5 "
          + "linecolor '\(Gnuplot.color(k))' title '\(measure.name)'")
    }
    let tics = groups.enumerated().map { "\"\($1.loss)\" \(groups.count - $0)" }
    return script + """
      set xlabel 'IoU on test, mean and standard deviation over the seeds'
      set ytics noenhanced (\(tics.joined(separator: ", ")))
      set yrange [0.4:\(Double(groups.count) + 0.6)]
      set key below
      plot \(plots.joined(separator: ", "))
      """
  }
}
