import ArgumentParser
import AthanorExperiment

struct NetworkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "network", abstract: "Look at networks before there are data.",
    discussion: """
      EXAMPLES
        athanor network summary
        athanor network summary config.yaml --set network.backbone=resnet50
      """,
    subcommands: [Summary.self])

  struct Summary: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "summary", abstract: "Layers, output shapes, parameters, FLOPs, memory.")
    @Argument(help: "A configuration (default: the built-in one).") var config: String?
    @OptionGroup var set: SetOptions
    @Flag(help: "Print one JSON object.") var json = false

    func run() throws {
      let report = try ExperimentConfig(contentsOf: config, overrides: set.overrides)
        .networkReport()
      print(json ? report.json.pretty : report.text, terminator: json ? "\n" : "")
    }
  }
}
