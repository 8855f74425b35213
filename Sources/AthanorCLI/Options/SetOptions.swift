import ArgumentParser
import AthanorExperiment

/// `--set key.path=value`, which may be repeated.
struct SetOptions: ParsableArguments {
  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp("A value of the configuration; may be repeated.", valueName: "key=value"),
    transform: { try Override($0, from: "--set") }) var overrides: [Override] = []
}
