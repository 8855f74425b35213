import ArgumentParser
import AthanorLab
import Foundation

@main
public struct AthanorCommand: ParsableCommand {
  public static let configuration = CommandConfiguration(
    commandName: "athanor", abstract: "A multi-task learning workbench.",
    discussion: """
      EXAMPLES
        athanor train --out first
        athanor eval first
        athanor predict first photo.jpg --out seen
        athanor ablate --out runs/ablation --dry-run
        athanor data inspect scenes
        athanor network summary
        athanor list weightings
      """,
    subcommands: [
      TrainCommand.self, EvalCommand.self, PredictCommand.self, StepCommand.self,
      AblateCommand.self,
      NetworkCommand.self, DataCommand.self, MetricsCommand.self, LossCommand.self,
      BalanceCommand.self, ExperimentCommand.self, ReportCommand.self,
      ListCommand.self,
      PreprocessCommand.self, ParityCommand.self, BenchCommand.self, NotebookCommand.self,
    ])

  public init() {}

  public static func main() {
    watchResources()
    StandardStreams.prepare()
    if let complaint = unknownVerb(CommandLine.arguments.dropFirst(), in: Self.self) {
      Terminal.error.write("Error: \(complaint)\n")
      Foundation.exit(EX_USAGE)
    }
    main(nil)
  }

  /// A sentence about the first word that is no verb where one is wanted; nil where all are known.
  private static func unknownVerb(
    _ arguments: ArraySlice<String>, in command: any ParsableCommand.Type
  ) -> String? {
    let verbs = command.configuration.subcommands
    guard !verbs.isEmpty, let word = arguments.first, !word.hasPrefix("-"), word != "help" else {
      return nil
    }
    let names = verbs.map { $0._commandName }
    guard let verb = verbs.first(where: { $0._commandName == word }) else {
      return unknownWord(word, kind: "command", among: names)
    }
    return unknownVerb(arguments.dropFirst(), in: verb)
  }
}

/// The options that several commands share.
struct ThreadOptions: ParsableArguments, LimitedOptions {
  @Option(help: "CPU threads (default: all).") var threads: Int?

  var limits: [Limit] { [Limit("threads", threads, threadCounts)] }

  func apply() { useThreads(threads) }
}

/// `--set key.path=value`, as often as wanted.
struct SetOptions: ParsableArguments {
  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp("A value of the configuration; may be repeated.", valueName: "key=value"),
    transform: { try Override($0) }) var overrides: [Override] = []
}
