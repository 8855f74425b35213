import ArgumentParser
import AthanorExperiment
import AthanorReport

struct ReportCommand: ParsableCommand, LimitedOptions {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Compare training runs: tables, figures, examples.",
    discussion: """
      EXAMPLES
        athanor report runs/ablation
        athanor report runs/synthetic-1 runs/synthetic-2 --out comparison
        athanor report lr-* --tune optimizer.learning_rate --json

      Writes report.html, report.md with figures/, report.tex (a booktabs table), results.csv (a \
      row a run), table.csv (a row a method) and table_narrow.csv (a row a method and measure). \
      Runs that differ in seed alone are one method; of finished runs of the same configuration \
      and seed the one that ended last counts. Runs on other data, classes, inputs or thread \
      counts are neither ranked nor averaged together. Chosen runs are measured once on test, into \
      their test.json, and again only where the best checkpoint or the data are other ones; a \
      report is made again without training, data or checkpoints.
      """)

  @Argument(help: "An ablation's folder, or run folders.") var paths: [String]
  @Option(help: "The folder to write (default: the ablation's own, or report).") var out: String?
  @Option(help: "The method that differences are taken to, by its label.") var baseline: String?
  @Option(
    help: "A key chosen on val for each method; may be repeated (default: the ablation's)."
  ) var tune: [String] = []
  @Option(help: "The last epochs whose mean on val is shown (default: the ablation's, or 3).")
  var lastEpochs: Int?
  @OptionGroup var overwriting: OverwritingOptions
  @OptionGroup var threads: ThreadOptions
  @Flag(help: "Print one JSON object.") var json = false

  var limits: [Limit] { [.count("last-epochs", lastEpochs)] }

  func validate() throws {
    try checkLimits()
    guard !paths.isEmpty else { throw ValidationError("expected an ablation or run folders") }
  }

  func run() throws {
    threads.apply()
    var options = Report.Options()
    (options.out, options.baseline) = (out, baseline)
    (options.tuned, options.lastEpochs) = (tune, lastEpochs)
    options.force = overwriting.force
    let (report, folder) = try namingOptions("baseline") {
      try Report.write(for: paths, options)
    }
    print(
      json ? report.json.compact : report.summary + "\nLook at \(folder)/report.html")
  }
}
