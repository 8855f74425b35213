import ArgumentParser
import AthanorExperiment
import AthanorKernels
import AthanorReport
import Foundation

struct AblateCommand: ParsableCommand, LimitedOptions {
  static let configuration = CommandConfiguration(
    commandName: "ablate", abstract: "Compare configurations over seeds, into one report.",
    discussion: """
      EXAMPLES
        athanor ablate --out runs/ablation        the built-in spec: weightings
        athanor ablate --print-spec > spec.yaml   a spec to start from
        athanor ablate spec.yaml --out runs/mine --dry-run
        athanor ablate spec.yaml --out runs/mine --jobs 2

      THE SPEC
        name: weighting
        config: base.yaml        # beside the spec; without: the built-in one
        set:                     # what every run has, keys by path as for --set
          training.epochs: 6
        seeds: 3                 # 0, 1, 2; or a list
        grid:                    # every combination is a method
          weighting: [fixed, {name: uncertainty, form: liebel}]
        tune:                    # a method has the best of these on val
          optimizer.learning_rate: [0.001, 0.003]
        front: [0.25, 1, 4]      # fixed weights, the first task : each of the others
        single_tasks: true       # each task alone, what Δm is taken to
        baseline: fixed          # the method that paired differences are to
        last_epochs: 3           # the last epochs whose mean is shown beside the best

      OUT gets a run folder a run (runs/ID, with log.txt and, where it failed, failure.json), \
      copies of the spec and its base (athanor ablate OUT/spec.yaml --out NEW repeats it) and the \
      report. Finished runs are kept: after Ctrl-C or a failure, and with more seeds, values or \
      ratios in the spec, the same command goes on. A key that is new under grid or tune stands in \
      the names of its runs: they are all trained anew. What is finished at Ctrl-C is reported on \
      val.
      """)

  @Argument(help: "The spec (default: the built-in one).") var spec: String?
  @Option(help: "The folder of the ablation.") var out: String?
  @Option(help: "Runs at a time; the threads are divided among them.") var jobs = 1
  @OptionGroup var threads: ThreadOptions
  @Flag(help: "Show the runs and how long they will take, by those that are finished.")
  var dryRun = false
  @Flag(help: "Print the built-in spec.") var printSpec = false
  @Flag(help: "Print one JSON object.") var json = false

  var limits: [Limit] { [Limit("jobs", jobs, 1...256)] }

  func validate() throws {
    try checkLimits()
    guard out != nil || dryRun || printSpec else {
      throw ValidationError("--out: expected a folder for the runs and the report")
    }
  }

  func run() throws {
    if printSpec {
      print(AblationSpec.builtIn, terminator: "")
      return
    }
    let ablation = try Ablating(
      spec: spec, out: out, jobs: jobs, threads: threads.threads ?? Threads.availableCPUs)
    if dryRun {
      let preview = try ablation.preview()
      print(json ? preview.json.compact : preview.text, terminator: json ? "\n" : "")
      return
    }
    Interruption.watch()
    let outcome = try ablation.run(
      executable: Bundle.main.executablePath ?? CommandLine.arguments[0],
      command: shellWords(CommandLine.arguments),
      shouldStop: { Interruption.requested })
    print(json ? outcome.json.compact : outcome.text)
    guard outcome.isComplete else { throw ExitCode.failure }
  }
}
