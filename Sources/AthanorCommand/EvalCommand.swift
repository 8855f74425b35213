import ArgumentParser
import AthanorData
import AthanorLab

struct EvalCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval", abstract: "Measure a run's best checkpoint, or a given one.",
    discussion: """
      EXAMPLES
        athanor eval runs/synthetic-1
        athanor eval runs/synthetic-1/checkpoints/last.safetensors --split test --json
      """)

  @Argument(help: "A run folder or a checkpoint.") var source: String
  @Option(help: "train, val or test.") var split: Split = .val
  @OptionGroup var threads: ThreadOptions
  @Flag(help: "Print one JSON object.") var json = false

  func run() throws {
    threads.apply()
    let report = try Evaluating.run(source, split: split)
    print(json ? report.compact : report.pretty)
  }
}

extension Split: ExpressibleByArgument {}
