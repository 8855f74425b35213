import ArgumentParser
import AthanorExperiment
import CResources
import Foundation

/// The command line. Your own program registers its parts and calls `AthanorCLI.main()`: their
/// names are then available in configurations, tables, ablations and reports like all others.
///
///     import Athanor
///     import AthanorCLI
///
///     weightings.register(MyWeighting.self)
///     AthanorCLI.main()
public struct AthanorCLI: ParsableCommand {
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
    athanor_watch_resources()
    StandardStreams.prepare()
    if let complaint = unknownVerb(CommandLine.arguments.dropFirst(), in: Self.self) {
      Terminal.error.write("Error: \(complaint)\n")
      Foundation.exit(EX_USAGE)
    }
    Monitoring.$monitor.withValue(TerminalMonitor()) { main(nil) }
  }

  /// A sentence about the first word that should be a verb and is not; nil where all verbs are
  /// known.
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
